BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Stop-LabVm' -Wrong @(
    , @('Stop-LabVm 4711', 'VmNotFound', 'ObjectNotFound')
) -Complete @(, @('Stop-LabVm we', '101'))

Add-ChangingTest 'Stop-LabVm' -NoPassThru -Prepare 'Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Start-LabVm 101' -Line 'Stop-LabVm 101' `
    -Plan 'stop VM 101 as Proxmox VE would'

Describe 'Stop-LabVm' {
    It 'runs the hook, which gives back what it made' {
        New-TestLab | Out-Null
        Enable-MigMode 0 -Reset
        Enable-Sriov 0
        Add-VmVgpu 101 -Type A30-2-12C
        Start-LabVm 101
        Stop-LabVm web
        Get-MigInstance | Should -BeNullOrEmpty
        Get-Vgpu | Should -BeNullOrEmpty
    }
}
