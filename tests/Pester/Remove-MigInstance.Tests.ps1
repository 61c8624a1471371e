BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

Describe 'Remove-MigInstance' {
    BeforeEach {
        New-TestLab | Out-Null
        Enable-MigMode 0 -Reset -Confirm:$false
        Enable-Sriov 0
        New-MigInstance 0 -Profile 2g.12gb, 1g.6gb, 1g.6gb
    }

    It 'removes what is piped in, compute instances along' {
        Get-MigInstance -Profile 1g.6gb | Remove-MigInstance -Confirm:$false
        (Get-MigInstance).Profile | Should -Be '2g.12gb'
    }

    It 'shows with -WhatIf what would go, and touches nothing' {
        $before = Get-TestState
        Get-MigInstance | Remove-MigInstance -WhatIf
        Get-TestState | Should -Be $before
    }

    It 'says that there is no such instance' {
        (Get-TestError { Remove-MigInstance 0 -GpuInstanceId 13 -Confirm:$false }).FullyQualifiedErrorId |
            Should -Be 'InstanceNotFound,VgpuPS.Commands.RemoveMigInstanceCommand'
    }

    It 'refuses one that a VM uses, and goes on with the next' {
        Add-VmVgpu 101 -Profile 2g.12gb
        Start-LabVm 101
        (Get-MigInstance -Profile 2g.12gb).VmIds | Should -Be 101
        $failure = Get-TestError { Get-MigInstance | Remove-MigInstance -Confirm:$false }
        $failure.CategoryInfo.Category | Should -Be 'ResourceBusy'
        $failure.ErrorDetails.Message | Should -Match 'VM 101'
        (Get-MigInstance).Profile | Should -Be '2g.12gb'
    }

    It 'stops at the first failure where that is asked for' {
        Add-VmVgpu 101 -Profile 2g.12gb
        Start-LabVm 101
        { Get-MigInstance | Remove-MigInstance -Confirm:$false -ErrorAction Stop } | Should -Throw
        (Get-MigInstance).Count | Should -Be 3
    }
}
