BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Show-Gpu' -Wrong @(, @('Show-Gpu 9', 'DeviceNotFound', 'ObjectNotFound')) -Complete @(
    , @('Show-Gpu 0000:4b', '0000:4b:00.0'))

Add-ReadingTest 'Show-Gpu' -Prepare 'Enable-MigMode 0 -Reset; Enable-Sriov 0; New-MigInstance 0 -Profile 2g.12gb, 1g.6gb' -Back 'Show-Gpu'

Describe 'Show-Gpu' {
    BeforeAll {
        New-TestLab | Out-Null
        Enable-MigMode 0 -Reset
        Enable-Sriov 0
        New-MigInstance 0 -Profile 2g.12gb
    }

    It 'draws slices and instances' {
        Show-Gpu 0 | Out-String | Should -Match '2g\.12gb'
        "$(Show-Gpu | Select-Object -First 1)" | Should -Match 'NVIDIA A30'
    }

    It 'keeps colours for the terminal' {
        -join (Show-Gpu 0).ColoredLines | Should -Match "`e"
        -join (Show-Gpu 0).Lines | Should -Not -Match "`e"
    }

    It 'draws piped GPUs' {
        @(Get-Gpu | Show-Gpu).Count | Should -Be 2
    }
}
