BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Enable-VgpuMixedSize' -Model T4 -Wrong @(
    , @('Enable-VgpuMixedSize 0', 'MixedSizesNotReady', 'NotEnabled')
    , @('Enable-VgpuMixedSize 9', 'DeviceNotFound', 'ObjectNotFound')
) -Complete @(, @('Enable-VgpuMixedSize 0000:4b', '0000:4b:00.0'))

Add-ChangingTest 'Enable-VgpuMixedSize' -Model L40S -Prepare 'Enable-Sriov 0' -Line 'Enable-VgpuMixedSize 0' -Once -Plan 'sizes'

Describe 'Enable-VgpuMixedSize' {
    It 'lets vGPUs of several sizes share a GPU' {
        New-TestLab L40S | Out-Null
        Enable-Sriov 0
        (Enable-VgpuMixedSize 0 -PassThru).MixedSizes | Should -BeTrue
        New-Vgpu 0 L40S-8Q
        New-Vgpu 0 L40S-4Q
        (Get-Vgpu).VgpuType | Sort-Object | Should -Be @('L40S-4Q', 'L40S-8Q')
    }

    It 'refuses while a vGPU is there' {
        New-TestLab L40S | Out-Null
        Enable-Sriov 0
        New-Vgpu 0 L40S-8Q
        (Get-TestError { Enable-VgpuMixedSize 0 }).CategoryInfo.Category | Should -Be 'ResourceBusy'
        (Get-Gpu 0).MixedSizes | Should -BeFalse
    }
}
