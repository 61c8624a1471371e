BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')

    # Runs a line as a user's prompt does, and stops it as Ctrl+C does once it has said something.
    function Stop-TestLine {
        param([string] $Line, [string] $Said)
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript("Import-Module '$TestModule'; $Line -Verbose")
            $running = $shell.BeginInvoke()
            while (-not $running.IsCompleted -and -not ($shell.Streams.Verbose.Message -match $Said)) {
                Start-Sleep -Milliseconds 20
            }

            $shell.Stop()
            $shell.InvocationStateInfo.State
        }
        finally {
            $shell.Dispose()
        }
    }
}

Describe 'Ctrl+C' {
    BeforeEach {
        New-TestLab -Option @{ RealTiming = $true } | Out-Null
        Enable-MigMode 0 -Reset
    }

    AfterAll { Disconnect-All }

    It 'stops between two steps, takes back what was done, and the next call does all of it' {
        $before = Get-TestState
        Stop-TestLine 'New-MigInstance 0 -Profile 1g.6gb -Count 4' 'create GPU instance 1g\.6gb.*2:1' | Should -Be 'Stopped'
        Get-TestState | Should -Be $before
        New-MigInstance 0 -Profile 1g.6gb -Count 4
        Get-MigInstance | Should -HaveCount 4
    }

    It 'leaves objects that are done, and the next call does the rest' {
        Enable-MigMode 1 -Reset
        Stop-TestLine 'New-MigInstance 0, 1 -Profile 2g.12gb, 2g.12gb' 'create GPU instance 2g\.12gb.*0000:ca:00' | Should -Be 'Stopped'
        (Get-Gpu).InstanceCount | Should -Be @(2, 0)
        New-MigInstance 1 -Profile 2g.12gb, 2g.12gb
        (Get-Gpu).InstanceCount | Should -Be @(2, 2)
    }

    It 'shows progress after two seconds, and takes it away in the end' {
        $shell = [powershell]::Create()
        try {
            $shell.AddScript("Import-Module '$TestModule'; New-MigInstance 0 -Profile 1g.6gb -Count 4").Invoke()
            $shell.Streams.Progress.Count | Should -BeGreaterThan 1
            $shell.Streams.Progress[-1].RecordType | Should -Be 'Completed'
            $shell.Streams.Progress.StatusDescription | Should -Contain 'done'
        }
        finally {
            $shell.Dispose()
        }
    }

    It 'stops a command at a terminal' -Skip:(-not (Get-Command script -CommandType Application -ErrorAction Ignore)) {
        $path = Join-Path $TestDrive 'stopped.ps1'
        @"
. '$(Join-Path $PSScriptRoot 'Common.ps1')'
`$null = New-TestLab A30 -Option @{ RealTiming = `$true }
Enable-MigMode 0 -Reset
try { New-MigInstance 0 -Profile 1g.6gb -Count 4 -Verbose }
finally {
    [Console]::WriteLine('left: ' + @(Get-MigInstance).Count)
    New-MigInstance 0 -Profile 1g.6gb -Count 4
    [Console]::WriteLine('made: ' + @(Get-MigInstance).Count)
}
"@ | Set-Content $path
        $info = [System.Diagnostics.ProcessStartInfo]::new('script')
        $pwsh = Join-Path $PSHOME pwsh
        '-q', '-c', "'$pwsh' -NoProfile -File '$path'", '/dev/null' | ForEach-Object { $info.ArgumentList.Add($_) }
        $info.RedirectStandardInput = $info.RedirectStandardOutput = $true
        $info.Environment['TERM'] = 'dumb'
        $process = [System.Diagnostics.Process]::Start($info)
        $text = [System.Text.StringBuilder]::new()
        $buffer = [char[]]::new(4096)
        try {
            $isSent = $false
            while ($true) {
                $read = $process.StandardOutput.ReadAsync($buffer, 0, $buffer.Length)
                if (-not $read.Wait(180000)) { throw "nothing more came after: $text" }
                if ($read.Result -eq 0) { break }
                $null = $text.Append($buffer, 0, $read.Result)
                if (-not $isSent -and $text.ToString() -match 'VERBOSE: create GPU instance[^V]*2:1') {
                    $isSent = $true
                    $process.StandardInput.Write("`u{3}")
                    $process.StandardInput.Flush()
                }
            }

            $text.ToString() | Should -Match 'left: 0'
            $text.ToString() | Should -Match 'made: 4'
        }
        finally {
            if (-not $process.HasExited) { $process.Kill($true) }
            $process.Dispose()
        }
    }
}

Describe 'Several hosts at once' {
    BeforeEach {
        Disconnect-All
        'a', 'b', 'c', 'd' | ForEach-Object { Connect-VgpuHost -Lab A30, A30 -Name $_ | Out-Null }
    }

    AfterAll { Disconnect-All }

    It 'are read together' {
        (Get-Gpu).VgpuHost | Sort-Object | Should -Be @('a', 'a', 'b', 'b', 'c', 'c', 'd', 'd')
    }

    It 'are changed together, each with its own objects' {
        Get-Gpu 0 | Enable-Sriov -PassThru | ForEach-Object VgpuHost | Sort-Object | Should -Be @('a', 'b', 'c', 'd')
        (Get-Gpu | Where-Object EnabledFunctions).GpuIndex | Select-Object -Unique | Should -Be 0
    }

    It 'go on when one of them refuses' {
        Enable-MigMode 0 -Reset -Session b
        New-MigInstance 0 -Profile 1g.6gb -Session b
        $made = Get-Gpu 0 | Enable-Sriov -PassThru -ErrorAction SilentlyContinue -ErrorVariable failures
        $made.VgpuHost | Sort-Object | Should -Be @('a', 'c', 'd')
        $failures.FullyQualifiedErrorId | Should -Be 'WouldDestroy,VgpuPS.Commands.EnableSriovCommand'
    }

    It 'go on when one of them is gone' {
        $gpus = Get-Gpu 0
        Disconnect-VgpuHost c
        $failure = @($gpus | Enable-Sriov -ErrorAction SilentlyContinue -ErrorVariable failures)
        $failures.FullyQualifiedErrorId | Should -BeLike 'SessionNotFound,*'
        (Get-Gpu 0).EnabledFunctions | Should -Be @(16, 16, 16)
    }
}
