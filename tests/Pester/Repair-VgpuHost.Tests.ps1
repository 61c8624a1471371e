BeforeAll { . (Join-Path $PSScriptRoot 'Common.ps1') }

Describe 'Repair-VgpuHost' {
    BeforeEach { $null = New-TestLab }
    AfterAll { Disconnect-All }

    It 'makes GPUs what the layout says again, and then has nothing to do' {
        Enable-Sriov 0
        Export-VgpuLayout -Save
        Disable-Sriov 0 -Confirm:$false
        (Test-VgpuHost LayoutDiffers).Repairable | Should -BeTrue
        $before = Get-TestState
        Repair-VgpuHost -WhatIf
        Get-TestState | Should -Be $before
        (Repair-VgpuHost -PassThru).VgpuHost | Should -Be 'lab'
        Test-VgpuHost | Where-Object -Not Passed | Should -BeNullOrEmpty
        Repair-VgpuHost -PassThru | Should -BeNullOrEmpty
    }

    It 'repairs what is named alone' {
        Enable-Sriov 0
        Export-VgpuLayout -Save
        Disable-Sriov 0 -Confirm:$false
        Repair-VgpuHost -Check Services
        (Test-VgpuHost LayoutDiffers).Passed | Should -BeFalse
    }
}
