BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Remove-MigComputeInstance' -Prepare 'Enable-MigMode 0 -Reset; New-MigInstance 0 -Profile 2g.12gb -Placement 0:2' -Wrong @(
    , @('Remove-MigComputeInstance 0 1 7', 'InstanceNotFound', 'ObjectNotFound')
    , @('Remove-MigComputeInstance 0 9 0', 'InstanceNotFound', 'ObjectNotFound')
) -Complete @(, @('Remove-MigComputeInstance 0 ', '1'))

Add-ChangingTest 'Remove-MigComputeInstance' -High -NoPassThru -Prepare 'Enable-MigMode 0 -Reset; New-MigInstance 0 -Profile 2g.12gb -Placement 0:2' -Line 'Remove-MigComputeInstance 0 1 0' `
    -Plan 'destroy compute instance 0'

Describe 'Remove-MigComputeInstance' {
    It 'removes what is piped in, and leaves the GPU instance' {
        New-TestLab | Out-Null
        Enable-MigMode 0 -Reset
        New-MigInstance 0 -Profile 4g.24gb -ComputeInstance None
        Get-MigInstance | New-MigComputeInstance -ComputeProfile 1c.4g.24gb -Count 2
        Get-MigComputeInstance | Remove-MigComputeInstance -Confirm:$false
        Get-MigComputeInstance | Should -BeNullOrEmpty
        (Get-MigInstance).Count | Should -Be 1
    }
}
