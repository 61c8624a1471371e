BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

Describe 'Enable- and Disable-VgpuMixedSize' {
    It 'lets vGPUs of several sizes share a GPU' {
        New-TestLab -Model L40S | Out-Null
        Enable-Sriov 0
        (Enable-VgpuMixedSize 0 -PassThru).MixedSizes | Should -BeTrue
        Enable-VgpuMixedSize 0 | Should -BeNullOrEmpty
        Disable-VgpuMixedSize 0
        (Get-Gpu 0).MixedSizes | Should -BeFalse
    }

    It 'refuses while a vGPU is there, and on a GPU that cannot' {
        New-TestLab -Model L40S | Out-Null
        Enable-Sriov 0
        New-Vgpu -Gpu 0 -Type L40S-8Q
        (Get-TestError { Enable-VgpuMixedSize 0 }).ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        (Get-Gpu 0).MixedSizes | Should -BeFalse
        New-TestLab -Model T4 | Out-Null
        (Get-TestError { Enable-VgpuMixedSize 0 }).CategoryInfo.Category | Should -Be 'NotEnabled'
    }
}
