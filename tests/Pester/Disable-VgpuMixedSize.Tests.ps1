BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Disable-VgpuMixedSize' -Model L40S -Prepare 'Enable-Sriov 0; Enable-VgpuMixedSize 0; New-Vgpu 0 L40S-8Q' -Wrong @(
    , @('Disable-VgpuMixedSize 0', 'ResourceBusy', 'ResourceBusy')
    , @('Disable-VgpuMixedSize 9', 'DeviceNotFound', 'ObjectNotFound')
) -Complete @(, @('Disable-VgpuMixedSize 0000:4b', '0000:4b:00.0'))

Add-ChangingTest 'Disable-VgpuMixedSize' -Model L40S -Prepare 'Enable-Sriov 0; Enable-VgpuMixedSize 0' -Once `
    -Line 'Disable-VgpuMixedSize 0' -Plan 'sizes'

Describe 'Disable-VgpuMixedSize' {
    It 'takes GPUs from the pipeline' {
        New-TestLab -Model L40S, L40S | Out-Null
        Get-Gpu | Enable-Sriov
        Get-Gpu | Enable-VgpuMixedSize
        (Get-Gpu | Disable-VgpuMixedSize -PassThru).MixedSizes | Should -Be @($false, $false)
    }
}
