BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Get-MigInstance' -Wrong @(
    , @('Get-MigInstance -GpuInstanceId 3', 'InstanceNotFound', 'ObjectNotFound')
    , @('Get-MigInstance 9', 'DeviceNotFound', 'ObjectNotFound')
) -Prepare 'Enable-MigMode 0 -Reset; New-MigInstance 0 -Profile 2g.12gb -Placement 0:2' -Complete @(
    , @('Get-MigInstance 0 -GpuInstanceId ', '1'))

Add-ReadingTest 'Get-MigInstance' -Prepare 'Enable-MigMode 0 -Reset; New-MigInstance 0 -Profile 2g.12gb, 1g.6gb' -Back 'Get-MigInstance'

Describe 'Get-MigInstance' {
    BeforeAll {
        New-TestLab | Out-Null
        Enable-MigMode 0 -Reset
        Enable-Sriov 0
        New-MigInstance 0 -Profile 2g.12gb, 1g.6gb
    }

    It 'filters by profile, in silence' {
        (Get-MigInstance -Profile 2g.12gb).Profile | Should -Be '2g.12gb'
        (Get-MigInstance -Profile 1g*).Profile | Should -Be '1g.6gb'
        Get-TestError { Get-MigInstance -Profile 4g.24gb } | Should -BeNullOrEmpty
    }

    It 'names the VMs on it as a list' {
        Add-VmVgpu 101 -Profile 2g.12gb
        Start-LabVm 101
        , (Get-MigInstance -Profile 2g.12gb).VmIds | Should -BeOfType [System.Collections.IEnumerable]
        (Get-MigInstance -Profile 2g.12gb).VmIds | Should -Be 101
    }
}
