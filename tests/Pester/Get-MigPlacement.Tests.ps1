BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Get-MigPlacement' -Prepare 'Enable-MigMode 0 -Reset' -Wrong @(
    , @('Get-MigPlacement 9', 'DeviceNotFound', 'ObjectNotFound')
    , @('Get-MigPlacement 0 -Profile 9g.99gb', 'ProfileNotFound', 'ObjectNotFound')
) -Complete @(
    , @('Get-MigPlacement 0 -Profile 2g', '2g.12gb')
)

Add-ReadingTest 'Get-MigPlacement' -Prepare 'Enable-MigMode 0 -Reset' -Line 'Get-MigPlacement 0' -Back 'Get-MigPlacement'

Describe 'Get-MigPlacement' {
    BeforeAll {
        New-TestLab | Out-Null
        Enable-MigMode 0 -Reset
        New-MigInstance 0 -Profile 1g.6gb -Placement 0:1
    }

    It 'shows legal places, and those that are free' {
        (Get-MigPlacement 0 -Profile 2g.12gb).Placement | Should -Be @('0:2', '2:2')
        (Get-MigPlacement 0 -Profile 2g.12gb -Free).Placement | Should -Be '2:2'
    }
}
