# Dot-sourced at the top of each file, where Pester discovers: adds the tests that commands have in common.

# Errors, completion and help. Lines are text, since they run in other places too.
function Add-CommandTest {
    param(
        [string] $Name,
        # Runs on a fresh simulated host.
        [string] $Prepare = '',
        [string[]] $Model = @('A30', 'A30'),
        # Lines that fail, with id and category of their error.
        [object[][]] $Wrong = @(),
        # Lines that are completed, with one of the completions.
        [object[][]] $Complete = @()
    )
    $data = @{ Name = $Name; Prepare = $Prepare; Model = $Model }
    $lines = @($Wrong | ForEach-Object { @{ Line = $_[0]; Id = $_[1]; Category = $_[2] } })
    $words = @($Complete | ForEach-Object { @{ Typed = $_[0]; Word = $_[1] } })
    Describe '<Name>, asked for what cannot be or is not known' -ForEach $data {
        BeforeAll {
            New-TestLab $Model | Out-Null
            . ([scriptblock]::Create($Prepare))
        }

        AfterAll { Disconnect-All }

        It 'refuses <Line> with <Id>, says what to do, and changes nothing' -ForEach $lines -AllowNullOrEmptyForEach {
            $before = Get-TestState
            $failure = Get-TestError ([scriptblock]::Create($Line))
            $failure.FullyQualifiedErrorId | Should -Be "$Id,VgpuPS.Commands.$($Name -replace '-')Command"
            $failure.CategoryInfo.Category | Should -Be $Category
            $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
            $failure.ErrorDetails.Message | Should -MatchExactly '^[^a-z]'
            Get-TestState | Should -Be $before
        }

        It 'ends at once with -ErrorAction Stop and leaves nothing running' -ForEach @($lines | Select-Object -First 1) {
            $before = Get-TestState
            { & ([scriptblock]::Create("$Line -ErrorAction Stop")) } | Should -Throw
            Get-TestState | Should -Be $before
        }

        It 'completes <Typed>' -ForEach $words -AllowNullOrEmptyForEach {
            Get-TestCompletion $Typed | Should -Contain $Word
        }

        It 'has help with examples of its own' {
            (Get-Help $Name).examples.example.code | Out-String | Should -Match $Name
        }
    }
}

# Commands that read: what they write, and how it looks.
function Add-ReadingTest {
    param(
        [string] $Name,
        [string] $Prepare = '',
        [string[]] $Model = @('A30', 'A30'),
        # Reads something.
        [string] $Line = $Name,
        # Takes what it wrote; null where its objects are not for the pipeline.
        [string] $Back
    )
    Describe '<Name>, like every command that reads' -ForEach @{
        Name = $Name; Prepare = $Prepare; Model = $Model; Line = $Line; Back = $Back
    } {
        BeforeAll {
            New-TestLab $Model | Out-Null
            . ([scriptblock]::Create($Prepare))
            $read = [scriptblock]::Create($Line)
        }

        AfterAll { Disconnect-All }

        It 'writes objects that name their host, and touches nothing' {
            $before = Get-TestState
            $all = @(& $read)
            $all.Count | Should -BeGreaterThan 0
            $all.VgpuHost | Select-Object -Unique | Should -Be 'lab'
            Get-TestState | Should -Be $before
        }

        It 'shows a view within 120 columns' {
            Get-TestWidth (& $read) | Should -BeLessOrEqual 120
            & $read | Out-String | Should -Not -Match "`e"
        }

        It 'writes what its help says' {
            (& $read)[0].GetType().FullName | Should -BeIn (Get-Command $Name).OutputType.Name
        }

        It 'leaves nothing running when nobody wants more' {
            @(& $read | Select-Object -First 1).Count | Should -Be 1
            @(& $read).Count | Should -BeGreaterThan 0
        }

        It 'reads in a job' {
            $count = @(& $read).Count
            $job = Start-ThreadJob { Import-Module $using:TestModule; & ([scriptblock]::Create($using:Line)) }
            @($job | Receive-Job -Wait -AutoRemoveJob).Count | Should -Be $count
        }

        It 'takes its objects back to their own host' -Skip:(-not $Back) {
            $objects = @(& $read)
            Connect-VgpuHost -Lab $Model -Name other | Out-Null
            try {
                $objects | & ([scriptblock]::Create("`$input | $Back")) | ForEach-Object VgpuHost | Select-Object -Unique |
                    Should -Be 'lab'
            }
            finally {
                Disconnect-VgpuHost other
            }
        }
    }
}

# Commands that change: plan, questions, jobs.
function Add-ChangingTest {
    param(
        [string] $Name,
        [string] $Prepare = '',
        [string[]] $Model = @('A30', 'A30'),
        # Changes something.
        [string] $Line,
        # Matches its plan.
        [string] $Plan,
        # Whether it asks by itself.
        [switch] $High,
        # Whether asking for it again is no error.
        [switch] $Once,
        # Whether it can write what it changed.
        [switch] $NoPassThru
    )
    Describe '<Name>, like every command that changes' -ForEach @{
        Name = $Name; Prepare = $Prepare; Model = $Model; Line = $Line; Plan = $Plan; High = [bool]$High; Once = [bool]$Once
        NoPassThru = [bool]$NoPassThru
    } {
        BeforeEach {
            New-TestLab $Model | Out-Null
            . ([scriptblock]::Create($Prepare))
        }

        AfterAll { Disconnect-All }

        It 'prints its plan with -WhatIf, asks, and does it after a yes only' {
            $asking = if ($High) { $Line } else { "$Line -Confirm" }
            $models = "'$($Model -join "', '")'"
            $text = Invoke-TestSession @(
                "`$null = New-TestLab $models; $Prepare", '$before = "$(Get-TestState)"'
                "$Line -WhatIf", '"whatif: $($before -ceq "$(Get-TestState)")"', "'--'"
                $asking, 'n', '"no: $($before -ceq "$(Get-TestState)")"'
                $asking, 'y', '"yes: $($before -ceq "$(Get-TestState)")"')
            $all = $text -join "`n"
            $end = $all.IndexOf('--')
            $all.Substring(0, $end) | Should -Match "What if: $Name on "
            $all.Substring(0, $end) | Should -Match $Plan
            $all | Should -Match 'whatif: True'
            $all.Substring($end) | Should -Match 'Carry it out\?'
            $all | Should -Match 'no: True'
            $all | Should -Match 'yes: False'
        }

        It 'says what to do where it must ask and nobody is there' {
            $before = Get-TestState
            $failure = Get-TestError ([scriptblock]::Create($(if ($High) { $Line } else { "$Line -Confirm" })))
            $failure.FullyQualifiedErrorId | Should -BeLike 'ConfirmationRequired,*'
            $failure.CategoryInfo.Category | Should -Be 'NotEnabled'
            $failure.ErrorDetails.RecommendedAction | Should -Match '-Confirm:\$false'
            Get-TestState | Should -Be $before
        }

        It 'does it without a question, tells each step, and writes nothing unless asked to' {
            $before = "$(Get-TestState)"
            & ([scriptblock]::Create("$Line -Confirm:`$false -InformationVariable script:told")) | Should -BeNullOrEmpty
            "$(Get-TestState)" | Should -Not -BeExactly $before
            ($told | Where-Object Tags -Contains VgpuPlan).MessageData | Out-String | Should -Match $Plan
            if ($Once) {
                $before = Get-TestState
                & ([scriptblock]::Create("$Line -Confirm:`$false")) | Should -BeNullOrEmpty
                Get-TestState | Should -Be $before
            }
        }

        It 'writes what it read back, and leaves nothing running when nobody wants more' -Skip:$NoPassThru {
            $made = & ([scriptblock]::Create("$Line -Confirm:`$false -PassThru | Select-Object -First 1"))
            $made.VgpuHost | Should -Be 'lab'
            $made.GetType().FullName | Should -BeIn (Get-Command $Name).OutputType.Name
            $after = Get-TestState
            Start-Sleep -Milliseconds 100
            Get-TestState | Should -Be $after
        }

        It 'does it in a job' {
            $before = "$(Get-TestState)"
            $job = Start-ThreadJob {
                Import-Module $using:TestModule
                & ([scriptblock]::Create("$using:Line -Confirm:`$false"))
            }
            $job | Receive-Job -Wait -AutoRemoveJob
            "$(Get-TestState)" | Should -Not -BeExactly $before
        }
    }
}
