BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Start-LabVm' -Wrong @(
    , @('Start-LabVm 4711', 'VmNotFound', 'ObjectNotFound')
) -Complete @(, @('Start-LabVm we', '101'))

Add-ChangingTest 'Start-LabVm' -Prepare 'Enable-Sriov 0; Add-VmVgpu 101 A30-6C' -Line 'Start-LabVm 101' `
    -Plan 'start VM 101 as Proxmox VE would'

Describe 'Start-LabVm' {
    BeforeEach {
        New-TestLab | Out-Null
        Enable-MigMode 0 -Reset
        Enable-Sriov 0
        Add-VmVgpu 101 -Type A30-2-12C
    }

    It 'runs the hook, which makes what the VM needs' {
        $vgpu = Start-LabVm 101 -PassThru
        $vgpu.IsRunning | Should -BeTrue
        (Get-MigInstance).IsMadeByHook | Should -BeTrue
    }

    It 'says why a start is refused, in the hook''s words' {
        Add-VmVgpu 102, 103 -Type A30-2-12C
        Set-VmVgpu 103 -Function 0000:4b:01.1
        Start-LabVm 101, 102
        $failure = Get-TestError { Start-LabVm 103 }
        $failure.CategoryInfo.Category | Should -Be 'InvalidResult'
        $failure.ErrorDetails.Message | Should -Match 'VM 103'
    }

    It 'refuses a host that is not simulated' {
        Disconnect-All
        (Get-TestError { Start-LabVm 101 -Session localhost }).FullyQualifiedErrorId | Should -BeLike 'InvalidRequest,*'
    }
}
