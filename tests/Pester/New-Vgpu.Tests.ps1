BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'New-Vgpu' -Prepare 'Enable-Sriov 0' -Wrong @(
    , @('New-Vgpu 0 A100-10C', 'VgpuTypeNotFound', 'ObjectNotFound')
    , @('New-Vgpu 0 A30-2-12C', 'MigModeMismatch', 'NotEnabled')
    , @('New-Vgpu 1 A30-8C', 'SriovNotReady', 'NotEnabled')
    , @('New-Vgpu 9 A30-8C', 'DeviceNotFound', 'ObjectNotFound')
) -Complete @(
    , @('New-Vgpu 0 A30-8', 'A30-8C')
    , @('New-Vgpu -Function 0000:4b:00.5', '0000:4b:00.5')
)

Add-ChangingTest 'New-Vgpu' -Prepare 'Enable-Sriov 0' -Line 'New-Vgpu 0 A30-8C' -Plan 'create A30-8C|A30-8C'

Describe 'New-Vgpu on Proxmox VE <Pve>' -ForEach @{ Pve = '9.2'; Backend = 'vendorVfio' }, @{ Pve = '8.4'; Backend = 'mdev' } {
    BeforeEach {
        New-TestLab -Option @{ PveVersion = $Pve } | Out-Null
        Enable-Sriov 0
    }

    It 'makes one on the first free function' {
        (Get-Gpu 0).Backend | Should -Be $Backend
        $vgpu = New-Vgpu -Gpu 0 -Type A30-8C -PassThru
        $vgpu.VgpuType | Should -Be 'A30-8C'
        $vgpu.IsRunning | Should -BeFalse
        [bool]$vgpu.MdevUuid | Should -Be ($Backend -eq 'mdev')
        (Get-SriovFunction -Type A30-8C | Where-Object VgpuType).FunctionAddress | Should -Be $vgpu.FunctionAddress
    }

    It 'takes a function from the pipeline' {
        (Get-SriovFunction -Free | Select-Object -Last 1 | New-Vgpu -Type A30-8C -PassThru).FunctionAddress |
            Should -Be (Get-SriovFunction)[-1].FunctionAddress
    }
}
