BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'New-MigComputeInstance' -Prepare 'Enable-MigMode 0 -Reset; New-MigInstance 0 -Profile 2g.12gb -Placement 0:2' -Wrong @(
    , @('New-MigComputeInstance 0 1 -ComputeProfile 7c.7g', 'ProfileNotFound', 'ObjectNotFound')
    , @('New-MigComputeInstance 0 9', 'InstanceNotFound', 'ObjectNotFound')
    , @('New-MigComputeInstance 0 1 -ComputeProfile 1c.2g.12gb', 'NoFreePlacement', 'ResourceUnavailable')
    , @('New-MigComputeInstance 0 1 -Count 0', 'InvalidRequest', 'InvalidArgument')
) -Complete @(, @('New-MigComputeInstance 0 ', '1'))

Add-ChangingTest 'New-MigComputeInstance' -Prepare 'Enable-MigMode 0 -Reset; New-MigInstance 0 -Profile 2g.12gb -Placement 0:2 -ComputeInstance None' `
    -Line 'New-MigComputeInstance 0 1 1c.2g.12gb' -Plan 'compute instance 1c\.2g\.12gb'

Describe 'New-MigComputeInstance' {
    BeforeEach {
        New-TestLab | Out-Null
        Enable-MigMode 0 -Reset
        Enable-Sriov 0
        New-MigInstance 0 -Profile 2g.12gb -Placement 0:2 -ComputeInstance None
    }

    It 'splits an instance' {
        Get-MigInstance | New-MigComputeInstance -ComputeProfile 1c.2g.12gb -Count 2
        (Get-MigInstance | Get-MigComputeInstance).ComputeProfile | Should -Be @('1c.2g.12gb', '1c.2g.12gb')
    }

    It 'fills an instance without a profile' {
        (Get-MigInstance | New-MigComputeInstance -PassThru).ComputeProfile | Should -Be '2g.12gb'
    }
}
