BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Enable-MigMode' -Model L40S -Wrong @(
    , @('Enable-MigMode 0', 'MigModeMismatch', 'NotEnabled')
    , @('Enable-MigMode 9', 'DeviceNotFound', 'ObjectNotFound')
) -Complete @(, @('Enable-MigMode 0000:4b', '0000:4b:00.0'))

Add-ChangingTest 'Enable-MigMode' -Line 'Enable-MigMode 0 -Reset' -Plan 'switch MIG mode on, with a GPU reset where it asks for one' -Once

Describe 'Enable-MigMode' {
    It 'switches an idle GPU' {
        New-TestLab | Out-Null
        (Enable-MigMode 0 -Reset -PassThru).MigCurrent | Should -BeTrue
        (Get-Gpu 1).MigCurrent | Should -BeFalse
    }

    It 'needs no reset on a newer GPU' {
        New-TestLab H100-PCIe | Out-Null
        Enable-MigMode 0
        (Get-Gpu 0).MigCurrent | Should -BeTrue
    }

    It 'keeps functions that are on' {
        New-TestLab | Out-Null
        Enable-Sriov 0
        Enable-MigMode 0 -Reset
        $gpu = Get-Gpu 0
        $gpu.MigCurrent | Should -BeTrue
        $gpu.EnabledFunctions | Should -Be 16
    }

    It 'refuses a GPU that a VM uses' {
        New-TestLab | Out-Null
        Enable-Sriov 0
        Add-VmVgpu 101 -Type A30-6C
        Start-LabVm 101
        $failure = Get-TestError { Enable-MigMode 0 -Reset }
        $failure.CategoryInfo.Category | Should -Be 'ResourceBusy'
        $failure.ErrorDetails.Message | Should -Match 'VM 101'
        (Get-Gpu 0).MigPending | Should -BeFalse
    }

    It 'takes GPUs from the pipeline' {
        New-TestLab | Out-Null
        Get-Gpu | Enable-MigMode -Reset
        (Get-Gpu).MigCurrent | Should -Be @($true, $true)
    }
}
