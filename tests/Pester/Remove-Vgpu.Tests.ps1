BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Remove-Vgpu' -Prepare 'Enable-Sriov 0' -Wrong @(
    , @('Remove-Vgpu 0000:4b:00.4', 'VgpuNotFound', 'ObjectNotFound')
    , @('Remove-Vgpu', 'InvalidRequest', 'InvalidArgument')
) -Complete @(, @('Remove-Vgpu 0000:4b:00.5', '0000:4b:00.5'))

Add-ChangingTest 'Remove-Vgpu' -High -NoPassThru -Prepare 'Enable-Sriov 0; New-Vgpu 0 A30-8C' -Line 'Remove-Vgpu 0000:4b:00.4' `
    -Plan 'A30-8C'

Describe 'Remove-Vgpu on Proxmox VE <_>' -ForEach '9.2', '8.4' {
    BeforeEach {
        New-TestLab -Option @{ PveVersion = $_ } | Out-Null
        Enable-Sriov 0
    }

    It 'removes what is piped in' {
        New-Vgpu 0 A30-8C
        Get-Vgpu | Remove-Vgpu -Confirm:$false
        Get-Vgpu | Should -BeNullOrEmpty
    }

    It 'refuses to remove one that a VM runs' {
        Add-VmVgpu 101 -Type A30-8C
        Start-LabVm 101
        (Get-TestError { Get-Vgpu | Remove-Vgpu -Confirm:$false }).CategoryInfo.Category | Should -Be 'ResourceBusy'
        (Get-Vgpu).IsRunning | Should -BeTrue
    }
}
