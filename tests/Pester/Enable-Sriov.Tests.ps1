BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Enable-Sriov' -Wrong @(, @('Enable-Sriov 9', 'DeviceNotFound', 'ObjectNotFound')) -Complete @(
    , @('Enable-Sriov 0000:4b', '0000:4b:00.0'))

Add-ChangingTest 'Enable-Sriov' -Line 'Enable-Sriov 0' -Plan 'enable 16 virtual functions, GPU 0000:4b:00.0' -Once

Describe 'Enable-Sriov' {
    BeforeEach {
        New-TestLab | Out-Null
    }

    It 'enables all functions of each GPU, through the pipeline too' {
        (Enable-Sriov 0 -PassThru).EnabledFunctions | Should -Be 16
        Get-Gpu | Enable-Sriov
        (Get-SriovFunction -Free).Count | Should -Be 32
    }

    It 'does no more when nobody wants more' {
        (Enable-Sriov 0, 1 -PassThru | Select-Object -First 1).GpuIndex | Should -Be 0
        (Get-Gpu 1).EnabledFunctions | Should -Be 0
    }

    It 'refuses a GPU that has none' {
        New-TestLab T4 | Out-Null
        (Get-TestError { Enable-Sriov 0 }).FullyQualifiedErrorId | Should -Be 'SriovNotReady,VgpuPS.Commands.EnableSriovCommand'
    }

    It 'names what it would destroy, and goes on with -Force after asking' {
        Enable-MigMode 0 -Reset
        New-MigInstance 0 -Profile 1g.6gb
        $failure = Get-TestError { Enable-Sriov 0 }
        $failure.FullyQualifiedErrorId | Should -BeLike 'WouldDestroy,*'
        $failure.ErrorDetails.Message | Should -Match '1g\.6gb'
        (Get-TestError { Enable-Sriov 0 -Force }).FullyQualifiedErrorId | Should -BeLike 'ConfirmationRequired,*'
        (Get-MigInstance).Profile | Should -Be '1g.6gb'
        Enable-Sriov 0 -Force -Confirm:$false
        Get-MigInstance -Gpu 0 | Should -BeNullOrEmpty
    }

    It 'goes on after a GPU that is not there' {
        (Get-TestError { Enable-Sriov 9, 1 }).FullyQualifiedErrorId | Should -BeLike 'DeviceNotFound,*'
        (Get-Gpu 1).EnabledFunctions | Should -Be 16
    }

    It 'wants to know which host, where several are connected' {
        Connect-VgpuHost -Lab A30 -Name other | Out-Null
        (Get-TestError { Enable-Sriov 0 }).FullyQualifiedErrorId | Should -BeLike 'AmbiguousSession,*'
        Get-Gpu 0 -Session other | Enable-Sriov
        (Get-Gpu 0 | Sort-Object VgpuHost).EnabledFunctions | Should -Be @(0, 16)
        Get-Gpu 0 | Enable-Sriov
        (Get-Gpu 0).EnabledFunctions | Should -Be @(16, 16)
    }
}
