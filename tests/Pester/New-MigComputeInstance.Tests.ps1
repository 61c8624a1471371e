BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

Describe 'New-, Get- and Remove-MigComputeInstance' {
    BeforeEach {
        New-TestLab | Out-Null
        Enable-MigMode 0 -Reset -Confirm:$false
        Enable-Sriov 0
        New-MigInstance 0 -Profile 2g.12gb -Placement 0:2 -ComputeInstance None
    }

    It 'splits an instance, and refuses more than fits' {
        Get-MigInstance | New-MigComputeInstance -ComputeProfile 1c.2g.12gb -Count 2
        (Get-MigInstance | Get-MigComputeInstance).ComputeProfile | Should -Be @('1c.2g.12gb', '1c.2g.12gb')
        (Get-TestError { Get-MigInstance | New-MigComputeInstance -ComputeProfile 1c.2g.12gb }).CategoryInfo.Category |
            Should -Be 'ResourceUnavailable'
    }

    It 'fills an instance without a profile, and is undone' {
        (Get-MigInstance | New-MigComputeInstance -PassThru).ComputeProfile | Should -Be '2g.12gb'
        Get-MigComputeInstance | Remove-MigComputeInstance -Confirm:$false
        Get-MigComputeInstance | Should -BeNullOrEmpty
        (Get-MigInstance).Count | Should -Be 1
    }

    It 'says that there is no such profile, and no such instance' {
        (Get-TestError { Get-MigInstance | New-MigComputeInstance -ComputeProfile 7c.7g }).FullyQualifiedErrorId |
            Should -BeLike 'ProfileNotFound,*'
        (Get-TestError { Get-MigComputeInstance -GpuInstanceId 9 }).FullyQualifiedErrorId | Should -BeLike 'InstanceNotFound,*'
    }
}
