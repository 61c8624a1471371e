BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

Describe 'Disable-Sriov' {
    BeforeEach {
        New-TestLab | Out-Null
    }

    It 'disables the functions, and is silent where they are off' {
        Enable-Sriov 0
        Disable-Sriov 0 -Confirm:$false
        (Get-Gpu 0).EnabledFunctions | Should -Be 0
        Disable-Sriov 0 -Confirm:$false | Should -BeNullOrEmpty
    }

    It 'refuses what would destroy GPU instances and names them; -Force goes on' {
        Enable-MigMode 0 -Reset -Confirm:$false
        Enable-Sriov 0
        New-MigInstance 0 -Profile 2g.12gb
        $before = Get-TestState
        $failure = Get-TestError { Disable-Sriov 0 -Confirm:$false }
        $failure.ErrorDetails.Message | Should -Match '2g\.12gb|GPU instance'
        Get-TestState | Should -Be $before
        Disable-Sriov 0 -Force -Confirm:$false
        Get-MigInstance | Should -BeNullOrEmpty
    }

    It 'never disables under a running VM' {
        Enable-Sriov 0
        Add-VmVgpu 101 -Type A30-6C
        Start-LabVm 101
        $failure = Get-TestError { Disable-Sriov 0 -Force -Confirm:$false }
        $failure.CategoryInfo.Category | Should -Be 'ResourceBusy'
        $failure.ErrorDetails.Message | Should -Match '101'
        (Get-Gpu 0).EnabledFunctions | Should -Be 16
    }

    It 'says what to do where it must ask about what nobody named, and nobody is there' {
        $text = Invoke-TestProcess 'New-TestLab | Out-Null; Enable-MigMode 0 -Reset -Confirm:$false; Enable-Sriov 0; New-MigInstance 0 -Profile 2g.12gb; Disable-Sriov 0 -Force; $Error[0].FullyQualifiedErrorId; (Get-Gpu 0).EnabledFunctions'
        $text -join ' ' | Should -Match 'ConfirmationRequired,VgpuPS.Commands.DisableSriovCommand 16'
    }
}
