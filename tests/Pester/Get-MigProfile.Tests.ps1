BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Get-MigProfile' -Wrong @(
    , @('Get-MigProfile 9', 'DeviceNotFound', 'ObjectNotFound')
    , @('Get-MigProfile 0 -Profile 9g.99gb', 'ProfileNotFound', 'ObjectNotFound')
) -Complete @(, @('Get-MigProfile 0000:4b', '0000:4b:00.0'))

Add-ReadingTest 'Get-MigProfile' -Prepare 'Enable-MigMode 0 -Reset' -Back 'Get-MigProfile'

Describe 'Get-MigProfile' {
    BeforeEach {
        New-TestLab | Out-Null
    }

    It 'names profiles before MIG mode is on, and counts none as free' {
        (Get-MigProfile 0).Profile | Should -Contain '2g.12gb'
        (Get-MigProfile 0).Free | Select-Object -Unique | Should -Be 0
    }

    It 'counts what fits now' {
        Enable-MigMode 0 -Reset
        New-MigInstance 0 -Profile 2g.12gb
        $half = Get-MigProfile 0 | Where-Object Profile -EQ 2g.12gb
        $half.Free, $half.Total, $half.Multiprocessors | Should -Be @(1, 2, 28)
        (Get-MigProfile 0 | Where-Object Profile -EQ 4g.24gb).Free | Should -Be 0
    }
}
