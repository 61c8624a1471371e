BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
    $readme = Get-Content (Join-Path $PSScriptRoot '../../README.md') -Raw
    $session = [regex]::Match($readme, '(?s)```text\r?\n(PS> Connect-VgpuHost.*?)```').Groups[1].Value
}

Describe 'Licensing guests in the README' {
    It 'prints what stands there' {
        $text = [regex]::Match($readme, '(?s)## Licensing guests.*?```text\r?\n(.*?)```').Groups[1].Value
        $lines = $text -split "`n" | ForEach-Object TrimEnd | Where-Object { $_ }
        $commands = $lines | Where-Object { $_ -like 'PS> *' } | ForEach-Object { $_.Substring(4) }
        $commands.Count | Should -BeGreaterThan 8
        $script = $commands | ForEach-Object {
            $quoted = "'$($_ -replace "'", "''")'"
            "Write-Host ('PS> ' + $quoted); (& ([scriptblock]::Create($quoted)) 2>&1 | Out-String -Width 120).TrimEnd() | Out-Host"
        }
        Push-Location TestDrive:
        $printed = Invoke-TestProcess ("Set-Location '$((Get-Item TestDrive:).FullName)'`n" + ($script -join "`n")) |
            ForEach-Object { $_ -split "`n" } | ForEach-Object TrimEnd | Where-Object { $_ }
        Pop-Location
        $printed | Should -Be $lines
    }
}

Describe 'The first session in the README' {
    It 'prints what stands there' {
        $lines = $session -split "`n" | ForEach-Object TrimEnd | Where-Object { $_ }
        $commands = $lines | Where-Object { $_ -like 'PS> *' } | ForEach-Object { $_.Substring(4) }
        $commands.Count | Should -BeGreaterThan 10
        $script = $commands | ForEach-Object {
            "Write-Host 'PS> $($_ -replace "'", "''")'; (& { $_ } | Out-String -Width 110).TrimEnd() | Out-Host"
        }
        $printed = Invoke-TestProcess ($script -join "`n") | ForEach-Object { $_ -split "`n" } | ForEach-Object TrimEnd | Where-Object { $_ }
        $printed | Should -Be $lines
    }
}
