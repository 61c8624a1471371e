BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

Describe 'Enable-Sriov' {
    BeforeEach {
        New-TestLab | Out-Null
    }

    It 'enables all functions of each GPU, through the pipeline too, and twice is once' {
        (Enable-Sriov 0 -PassThru).EnabledFunctions | Should -Be 16
        Get-Gpu | Enable-Sriov
        (Get-SriovFunction -Free).Count | Should -Be 32
        Enable-Sriov 0 | Should -BeNullOrEmpty
    }

    It 'prints the plan with -WhatIf and touches nothing' {
        $before = Get-TestState
        Get-Gpu | Enable-Sriov -WhatIf
        Get-TestState | Should -Be $before
        Invoke-TestProcess 'New-TestLab | Out-Null; Enable-Sriov 0 -WhatIf' | Out-String | Should -Match '1\. enable 16 virtual functions'
    }

    It 'tells each step as information too' {
        Enable-Sriov 0 -InformationVariable told
        ($told | Where-Object Tags -Contains VgpuPlan).MessageData | Should -BeLike 'enable 16 virtual functions*'
    }

    It 'refuses a GPU that has none' {
        Disconnect-All
        Connect-VgpuHost -Lab T4 | Out-Null
        $failure = Get-TestError { Enable-Sriov 0 }
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        $failure.FullyQualifiedErrorId | Should -Match 'VgpuPS.Commands.EnableSriovCommand$'
    }

    It 'goes on after a GPU that is not there' {
        (Get-TestError { Enable-Sriov 9, 1 }).FullyQualifiedErrorId | Should -BeLike 'DeviceNotFound,*'
        (Get-Gpu 1).EnabledFunctions | Should -Be 16
    }

    It 'wants to know which host, where several are connected' {
        Connect-VgpuHost -Lab A30 -Name other | Out-Null
        (Get-TestError { Enable-Sriov 0 }).FullyQualifiedErrorId | Should -BeLike 'AmbiguousSession,*'
        Get-Gpu 0 | Enable-Sriov
        (Get-Gpu 0).EnabledFunctions | Should -Be @(16, 16)
    }
}
