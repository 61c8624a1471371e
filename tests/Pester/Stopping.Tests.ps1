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
        $info = [System.Diagnostics.ProcessStartInfo]::new('script')
        $pwsh = (Get-Process -Id $PID).Path
        '-q', '-e', '-c', "'$pwsh' -NoProfile -NoLogo", '/dev/null' | ForEach-Object { $info.ArgumentList.Add($_) }
        $info.RedirectStandardInput = $info.RedirectStandardOutput = $true
        $info.Environment['TERM'] = 'dumb'
        $process = [System.Diagnostics.Process]::Start($info)
        $text = [System.Text.StringBuilder]::new()
        function Read-Until {
            param([string] $Pattern)
            while ($text.ToString() -notmatch $Pattern) {
                $next = $process.StandardOutput.Read()
                if ($next -lt 0) { throw "ended before $Pattern`: $text" }
                $null = $text.Append([char]$next)
            }

            $null = $text.Clear()
        }

        try {
            $process.StandardInput.AutoFlush = $true
            $process.StandardInput.Write("Import-Module '$TestModule'; `$null = Connect-VgpuHost -Lab A30 -RealTiming; Enable-MigMode 0 -Reset; 'rea' + 'dy'`r")
            Read-Until 'ready'
            $process.StandardInput.Write("New-MigInstance 0 -Profile 1g.6gb -Count 4 -Verbose`r")
            Read-Until 'VERBOSE: create GPU instance[^V]*2:1'
            $process.StandardInput.Write("`u{3}")
            $process.StandardInput.Write("'le' + 'ft: ' + @(Get-MigInstance).Count`r")
            Read-Until 'left: 0'
            $process.StandardInput.Write("New-MigInstance 0 -Profile 1g.6gb -Count 4; 'ma' + 'de: ' + @(Get-MigInstance).Count`r")
            Read-Until 'made: 4'
            $process.StandardInput.Write("exit`r")
            $process.WaitForExit(20000) | Should -BeTrue
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
