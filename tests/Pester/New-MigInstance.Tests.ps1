BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'New-MigInstance' -Prepare 'Enable-MigMode 0 -Reset' -Wrong @(
    , @('New-MigInstance 0 -Profile 3g.40gb', 'ProfileNotFound', 'ObjectNotFound')
    , @('New-MigInstance 0 -Profile 1g.6gb -Count 0', 'InvalidRequest', 'InvalidArgument')
    , @('New-MigInstance 0 -Profile 1g.6gb -Count -1', 'InvalidRequest', 'InvalidArgument')
    , @('New-MigInstance 0 -Profile 1g.6gb -Count 99', 'InvalidRequest', 'InvalidArgument')
    , @('New-MigInstance 0 -Profile 2g.12gb -Placement 1:2', 'IllegalPlacement', 'InvalidArgument')
    , @('New-MigInstance 0 -Profile 4g.24gb, 1g.6gb', 'NoFreePlacement', 'ResourceUnavailable')
    , @('New-MigInstance 1 -Profile 2g.12gb', 'MigModeMismatch', 'NotEnabled')
    , @('New-MigInstance 9 -Profile 2g.12gb', 'DeviceNotFound', 'ObjectNotFound')
) -Complete @(
    , @('New-MigInstance 0 -Profile 2g', '2g.12gb')
    , @('New-MigInstance 0 -Profile 1g.6gb -Placement 3', '3:1')
)

Add-ChangingTest 'New-MigInstance' -Prepare 'Enable-MigMode 0 -Reset' -Line 'New-MigInstance 0 -Profile 2g.12gb' `
    -Plan 'create GPU instance 2g\.12gb with its compute instance'

Describe 'New-MigInstance' {
    BeforeEach {
        New-TestLab | Out-Null
        Get-Gpu | Enable-MigMode -Reset
    }

    It 'cuts each GPU that is piped in' {
        Get-Gpu | New-MigInstance -Profile 1g.6gb -Count 4
        Get-MigInstance -Profile 1g.6gb | Should -HaveCount 8
    }

    It 'places a list together, and writes it once all of it is there' {
        (New-MigInstance 0 -Profile 2g.12gb, 1g.6gb, 1g.6gb -PassThru).Profile | Sort-Object |
            Should -Be @('1g.6gb', '1g.6gb', '2g.12gb')
        (Get-TestError { New-MigInstance 1 -Profile 2g.12gb, 2g.12gb, 1g.6gb }).FullyQualifiedErrorId |
            Should -BeLike 'NoFreePlacement,*'
        Get-MigInstance 1 | Should -BeNullOrEmpty
    }

    It 'completes what fits now' {
        New-MigInstance 0 -Profile 2g.12gb, 1g.6gb
        Get-TestCompletion 'New-MigInstance 0 -Profile ' | Should -Not -Contain '4g.24gb'
    }

    It 'makes the compute instances that are asked for' {
        New-MigInstance 0 -Profile 2g.12gb -ComputeInstance 1c.2g.12gb, 1c.2g.12gb
        (Get-MigComputeInstance).ComputeProfile | Should -Be @('1c.2g.12gb', '1c.2g.12gb')
        New-MigInstance 0 -Profile 1g.6gb -ComputeInstance None
        (Get-MigInstance -Profile 1g.6gb).ComputeInstances | Should -BeNullOrEmpty
    }
}
