BeforeAll { . (Join-Path $PSScriptRoot 'Common.ps1') }

Describe 'Functions, vGPUs, scheduler and mixed sizes' {
    BeforeEach { $null = New-TestLab }
    AfterAll { Disconnect-All }

    It 'enables and disables functions' {
        (Get-Gpu 0 | Enable-Sriov -PassThru).EnabledFunctions | Should -Be 16
        (Disable-Sriov 0 -PassThru).EnabledFunctions | Should -Be 0
    }

    It 'sets the scheduler and mixed sizes before a vGPU is there, and refuses them after' {
        Enable-Sriov 0
        (Set-VgpuScheduler 0 -Policy EqualShare -TimesliceMilliseconds 2 -PassThru).TimesliceMilliseconds | Should -Be 2
        (Enable-VgpuMixedSize 0 -PassThru).MixedSizes | Should -BeTrue
        (New-Vgpu -Gpu 0 -Type A30-12C -PassThru).VgpuType | Should -Be 'A30-12C'
        $failure = Get-TestError { Disable-VgpuMixedSize 0 }
        $failure.FullyQualifiedErrorId | Should -BeLike 'ResourceBusy,*'
        $failure.CategoryInfo.Category | Should -Be 'ResourceBusy'
        Get-Vgpu | Remove-Vgpu
        (Disable-VgpuMixedSize 0 -PassThru).MixedSizes | Should -BeFalse
    }

    It 'names what a switch would destroy' {
        Enable-MigMode 0
        New-MigInstance 0 -Profile 1g.6gb
        (Get-TestError { Enable-Sriov 0 }).FullyQualifiedErrorId | Should -BeLike 'WouldDestroy,*'
        Enable-Sriov 0 -Force -Confirm:$false
        Get-MigInstance -Gpu 0 | Should -BeNullOrEmpty
    }
}
