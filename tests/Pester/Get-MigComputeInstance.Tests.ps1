BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Get-MigComputeInstance' -Prepare 'Enable-MigMode 0 -Reset; New-MigInstance 0 -Profile 2g.12gb -Placement 0:2' -Wrong @(
    , @('Get-MigComputeInstance -GpuInstanceId 9', 'InstanceNotFound', 'ObjectNotFound')
    , @('Get-MigComputeInstance 9', 'DeviceNotFound', 'ObjectNotFound')
) -Complete @(, @('Get-MigComputeInstance 0 -GpuInstanceId ', '1'))

Add-ReadingTest 'Get-MigComputeInstance' -Prepare 'Enable-MigMode 0 -Reset; New-MigInstance 0 -Profile 2g.12gb -Placement 0:2' -Back 'Get-MigComputeInstance'

Describe 'Get-MigComputeInstance' {
    It 'shows those of the GPU instances that are piped in' {
        New-TestLab | Out-Null
        Enable-MigMode 0 -Reset
        New-MigInstance 0 -Profile 2g.12gb, 1g.6gb
        (Get-MigInstance -Profile 1g.6gb | Get-MigComputeInstance).ComputeProfile | Should -Be '1g.6gb'
        (Get-MigComputeInstance).Count | Should -Be 2
    }
}
