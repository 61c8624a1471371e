BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Disable-Sriov' -Wrong @(, @('Disable-Sriov 9', 'DeviceNotFound', 'ObjectNotFound')) -Complete @(
    , @('Disable-Sriov 0000:4b', '0000:4b:00.0'))

Add-ChangingTest 'Disable-Sriov' -High -Prepare 'Enable-Sriov 0' -Line 'Disable-Sriov 0' -Once `
    -Plan 'disable 16 virtual functions|disable the 16 virtual functions|disable all 16 virtual functions'

Describe 'Disable-Sriov' {
    BeforeEach {
        New-TestLab | Out-Null
    }

    It 'disables the functions' {
        Enable-Sriov 0
        (Disable-Sriov 0 -Confirm:$false -PassThru).EnabledFunctions | Should -Be 0
    }

    It 'refuses what would destroy GPU instances and names them; -Force goes on' {
        Enable-MigMode 0 -Reset
        Enable-Sriov 0
        New-MigInstance 0 -Profile 2g.12gb
        $before = Get-TestState
        $failure = Get-TestError { Disable-Sriov 0 -Confirm:$false }
        $failure.ErrorDetails.Message | Should -Match '2g\.12gb'
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

    It 'takes a GPU back to its own host' {
        Connect-VgpuHost -Lab A30 -Name other | Out-Null
        Get-Gpu 0 | Enable-Sriov
        Get-Gpu 0 -Session other | Disable-Sriov -Confirm:$false
        (Get-Gpu 0 | Sort-Object VgpuHost).EnabledFunctions | Should -Be @(16, 0)
    }
}
