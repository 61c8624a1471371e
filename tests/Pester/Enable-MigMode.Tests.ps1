BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

Describe 'Enable-MigMode' {
    It 'switches an idle GPU, and twice is once' {
        New-TestLab | Out-Null
        (Enable-MigMode 0 -Reset -Confirm:$false -PassThru).MigCurrent | Should -BeTrue
        Enable-MigMode 0 -Reset -Confirm:$false | Should -BeNullOrEmpty
    }

    It 'needs none on a newer GPU' {
        New-TestLab -Model H100-PCIe | Out-Null
        Enable-MigMode 0 -Confirm:$false
        (Get-Gpu 0).MigCurrent | Should -BeTrue
    }

    It 'keeps functions that are on' {
        New-TestLab | Out-Null
        Enable-Sriov 0
        Enable-MigMode 0 -Reset -Confirm:$false
        $gpu = Get-Gpu 0
        $gpu.MigCurrent | Should -BeTrue
        $gpu.EnabledFunctions | Should -Be 16
    }

    It 'refuses a GPU without MIG, and one that a VM uses' {
        New-TestLab -Model L40S | Out-Null
        (Get-TestError { Enable-MigMode 0 -Confirm:$false }).CategoryInfo.Category | Should -Be 'NotEnabled'
        New-TestLab | Out-Null
        Enable-Sriov 0
        Add-VmVgpu 101 -Type A30-6C
        Start-LabVm 101
        $failure = Get-TestError { Enable-MigMode 0 -Reset -Confirm:$false }
        $failure.CategoryInfo.Category | Should -Be 'ResourceBusy'
        (Get-Gpu 0).MigPending | Should -BeFalse
    }
}

Describe 'Disable-MigMode' {
    It 'refuses while instances are there, and with -Force takes them along' {
        New-TestLab -Model H100-PCIe | Out-Null
        Enable-MigMode 0 -Confirm:$false
        New-MigInstance 0 -Profile 1g.10gb -Count 2
        (Get-TestError { Disable-MigMode 0 -Confirm:$false }).ErrorDetails.Message | Should -Match '1g\.10gb'
        (Get-Gpu 0).MigCurrent | Should -BeTrue
        Disable-MigMode 0 -Force -Confirm:$false
        (Get-Gpu 0).MigCurrent | Should -BeFalse
        Disable-MigMode 0 -Confirm:$false | Should -BeNullOrEmpty
    }
}
