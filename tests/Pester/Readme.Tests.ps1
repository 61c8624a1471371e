# Types each document's printed PowerShell sessions into one window, from top to bottom, and compares what it prints.
BeforeDiscovery {
    $root = Join-Path $PSScriptRoot '../..'
    $index = Get-Content (Join-Path $root 'src/docs/README.md') -Raw
    $chapters = [regex]::Matches($index, '(?m)^\d+\. \[[^\]]+\]\(([a-z-]+\.md)\)') | ForEach-Object { 'src/docs/' + $_.Groups[1].Value }
    $documents = @('README.md') + $chapters
    $windows = @($documents | Where-Object { (Get-Content (Join-Path $root $_) -Raw) -match '(?m)^PS> ' } |
        ForEach-Object { @{ Name = $_; Document = @($_) } }) +
        @{ Name = 'README.md and all chapters'; Document = $documents }
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')

    function Get-PrintedLine {
        param([string[]] $Document)
        foreach ($path in $Document) {
            $text = Get-Content (Join-Path $PSScriptRoot "../../$path") -Raw
            [regex]::Matches($text, '(?ms)^```text\r?\n(PS> .*?)^```') | ForEach-Object { $_.Groups[1].Value -split "`n" } |
                ForEach-Object TrimEnd | Where-Object { $_ }
        }
    }

    function Get-TypedLine {
        param([string[]] $Line)
        $script = $Line | Where-Object { $_ -like 'PS> *' } | ForEach-Object {
            $quoted = "'$($_.Substring(4) -replace "'", "''")'"
            "Write-Host ('PS> ' + $quoted); (. ([scriptblock]::Create($quoted)) 2>&1 3>&1 | Format-Warning | Out-String -Width 120).TrimEnd() | Out-Host"
        }
        $start = "Set-Location '$((Get-Item TestDrive:).FullName)'`n" +
            'filter Format-Warning { $_ -is [System.Management.Automation.WarningRecord] ? "WARNING: $_" : $_ }' + "`n"
        Invoke-TestProcess ($start + ($script -join "`n")) |
            ForEach-Object { $_ -split "`n" } | ForEach-Object TrimEnd | Where-Object { $_ }
    }
}

Describe 'The printed sessions of <Name>, typed into one window' -ForEach $windows {
    It 'print what stands there' {
        $lines = @(Get-PrintedLine $Document)
        @($lines -like 'PS> *').Count | Should -BeGreaterThan 3
        (Get-TypedLine $lines) -join "`n" | Should -Be ($lines -join "`n")
    }
}

Describe 'The documents' {
    It 'have their prompts in blocks that are typed' -ForEach $windows[-1] {
        foreach ($path in $Document) {
            $all = @(Get-Content (Join-Path $PSScriptRoot "../../$path") | Where-Object { $_ -like 'PS> *' })
            $typed = @(Get-PrintedLine $path | Where-Object { $_ -like 'PS> *' })
            $typed.Count | Should -Be $all.Count -Because "$path has no other prompts"
        }
    }
}
