BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

Describe 'Start- and Stop-LabVm' {
    BeforeEach {
        New-TestLab | Out-Null
        Enable-MigMode 0 -Reset -Confirm:$false
        Enable-Sriov 0
        Add-VmVgpu 101 -Type A30-2-12C
    }

    It 'runs the hook, which makes what the VM needs and gives it back' {
        $vgpu = Start-LabVm 101 -PassThru
        $vgpu.IsRunning | Should -BeTrue
        (Get-MigInstance).IsMadeByHook | Should -BeTrue
        Stop-LabVm web
        Get-MigInstance | Should -BeNullOrEmpty
    }

    It 'says why a start is refused, in the hook''s words' {
        Add-VmVgpu 102, 103 -Type A30-2-12C -ErrorAction SilentlyContinue
        Start-LabVm 101, 102
        $failure = Get-TestError { Start-LabVm 103 }
        $failure.CategoryInfo.Category | Should -Be 'InvalidResult'
        $failure.ErrorDetails.Message | Should -Match 'VM 103'
    }

    It 'shows with -WhatIf what it would do' {
        Start-LabVm 101 -WhatIf
        Get-Vgpu | Should -BeNullOrEmpty
    }

    It 'refuses a host that is not simulated' {
        Disconnect-All
        (Get-TestError { Start-LabVm 101 -Session localhost }).FullyQualifiedErrorId | Should -BeLike 'InvalidRequest,*'
    }
}
