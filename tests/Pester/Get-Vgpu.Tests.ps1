BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Get-Vgpu' -Prepare 'Enable-Sriov 0; New-Vgpu 0 A30-8C' -Wrong @(
    , @('Get-Vgpu 9', 'DeviceNotFound', 'ObjectNotFound')
    , @('Get-Vgpu -Function 0000:99:00.4', 'DeviceNotFound', 'ObjectNotFound')
) -Complete @(, @('Get-Vgpu -Type A30-8', 'A30-8C'))

Add-ReadingTest 'Get-Vgpu' -Prepare 'Enable-Sriov 0; New-Vgpu 0 A30-8C; Add-VmVgpu 101 A30-8C; Start-LabVm 101' -Back 'Get-Vgpu'

Describe 'Get-Vgpu' {
    BeforeAll {
        New-TestLab | Out-Null
        Enable-Sriov 0
        Add-VmVgpu 101 A30-8C
        Start-LabVm 101
        New-Vgpu 0 A30-8C
    }

    It 'joins type, function and VM' {
        $vgpu = Get-Vgpu -VmId 101
        $vgpu.VgpuType, $vgpu.IsRunning, $vgpu.VmId | Should -Be @('A30-8C', $true, 101)
        (Get-Vgpu | Where-Object IsRunning -EQ $false).VmId | Should -BeNullOrEmpty
        (Get-Vgpu -Type A30-8C).Count | Should -Be 2
        Get-Vgpu -Type A30-6C | Should -BeNullOrEmpty
    }
}
