BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
    . (Join-Path $PSScriptRoot 'Lab.ps1')

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
        # Made ready at once, and only then as slow as hardware is.
        $state = Join-Path $TestDrive 'host.json'
        Connect-TestLabFile $state
        Enable-MigMode 0, 1 -Reset
        Disconnect-All
        Connect-VgpuHost -LabState $state -Name lab -RealTiming | Out-Null
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

    It 'stops a command at a terminal' {
        # Seven instances take nine seconds: enough for a Ctrl+C that a busy machine delivers late.
        $path = Join-Path $TestDrive 'stopped.ps1'
        @"
. '$(Join-Path $PSScriptRoot 'Common.ps1')'
`$null = New-TestLab A100 -Option @{ RealTiming = `$true }
Enable-MigMode 0 -Reset
try { New-MigInstance 0 -Profile 1g.5gb -Count 7 -Verbose }
finally {
    [Console]::WriteLine('left: ' + @(Get-MigInstance).Count)
    `$null = New-MigInstance 0 -Profile 1g.5gb
    [Console]::WriteLine('made: ' + @(Get-MigInstance).Count)
}
"@ | Set-Content $path
        # A test run that a shell without job control started in the background hands SIGINT on as ignored.
        $info = [System.Diagnostics.ProcessStartInfo]::new('script')
        $pwsh = Join-Path $PSHOME pwsh
        '-q', '-c', "stty cols 250; exec env --default-signal=INT '$pwsh' -NoProfile -File '$path'", '/dev/null' | ForEach-Object { $info.ArgumentList.Add($_) }
        $info.RedirectStandardInput = $info.RedirectStandardOutput = $true
        $info.Environment['TERM'] = 'dumb'
        $process = [System.Diagnostics.Process]::Start($info)
        $text = [System.Text.StringBuilder]::new()
        $buffer = [char[]]::new(4096)
        try {
            $isSent = $false
            $answered = 0
            while ($true) {
                $read = $process.StandardOutput.ReadAsync($buffer, 0, $buffer.Length)
                if (-not $read.Wait(180000)) { throw "nothing more came after: $text" }
                if ($read.Result -eq 0) { break }
                $null = $text.Append($buffer, 0, $read.Result)

                # A terminal that is asked where its cursor is says so; one that does not leaves the program waiting.
                $asked = [regex]::Matches($text.ToString(), "`e\[6n").Count
                for (; $answered -lt $asked; $answered++) { $process.StandardInput.Write("`e[1;1R") }

                # The first step runs while its line stands there as the last.
                if (-not $isSent -and $text.ToString() -match 'VERBOSE: create GPU instance 1g\.5gb[^\n]*\n') {
                    $isSent = $true
                    $process.StandardInput.Write("`u{3}")
                }

                $process.StandardInput.Flush()
            }

            $isSent | Should -BeTrue
            $text.ToString() | Should -Match 'left: 0'
            $text.ToString() | Should -Match 'made: 1'
        }
        finally {
            if (-not $process.HasExited) { $process.Kill($true) }
            $process.Dispose()
        }
    }
}
