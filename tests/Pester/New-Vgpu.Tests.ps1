BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

Describe 'New- and Remove-Vgpu on Proxmox VE <Pve>' -ForEach @{ Pve = '9.2'; Backend = 'vendorVfio' }, @{ Pve = '8.4'; Backend = 'mdev' } {
    BeforeEach {
        New-TestLab -Option @{ PveVersion = $Pve } | Out-Null
        Enable-Sriov 0
    }

    It 'makes one on the first free function, and takes it away' {
        (Get-Gpu 0).Backend | Should -Be $Backend
        $vgpu = New-Vgpu -Gpu 0 -Type A30-8C -PassThru
        $vgpu.VgpuType | Should -Be 'A30-8C'
        $vgpu.IsRunning | Should -BeFalse
        [bool]$vgpu.MdevUuid | Should -Be ($Backend -eq 'mdev')
        (Get-SriovFunction -Type A30-8C | Where-Object VgpuType).FunctionAddress | Should -Be $vgpu.FunctionAddress
        Get-Vgpu | Remove-Vgpu -Confirm:$false
        Get-Vgpu | Should -BeNullOrEmpty
    }

    It 'refuses a type that is not of the GPU, and one that cannot be now' {
        (Get-TestError { New-Vgpu -Gpu 0 -Type A100-10C }).FullyQualifiedErrorId | Should -BeLike 'VgpuTypeNotFound,*'
        $failure = Get-TestError { New-Vgpu -Gpu 0 -Type A30-2-12C }
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        Get-Vgpu | Should -BeNullOrEmpty
    }

    It 'refuses to remove one that a VM runs' {
        Add-VmVgpu 101 -Type A30-8C
        Start-LabVm 101
        (Get-TestError { Get-Vgpu | Remove-Vgpu -Confirm:$false }).CategoryInfo.Category | Should -Be 'ResourceBusy'
        (Get-Vgpu).IsRunning | Should -BeTrue
        Stop-LabVm 101
        Get-Vgpu | Should -BeNullOrEmpty
    }
}
