BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Compare-VgpuLayout' -Wrong @(
    , @('Compare-VgpuLayout', 'LayoutNotFound', 'ObjectNotFound')
    , @('Compare-VgpuLayout ./none.json', 'LayoutNotFound', 'ObjectNotFound')
)

Add-ReadingTest 'Compare-VgpuLayout' -Prepare 'Export-VgpuLayout -Save'

Describe 'Compare-VgpuLayout' {
    It 'shows the way from what is there to what should be' {
        New-TestLab | Out-Null
        Enable-MigMode 0 -Reset
        New-MigInstance 0 -Profile 2g.12gb
        Export-VgpuLayout -Save
        (Compare-VgpuLayout).Passed | Should -BeTrue
        Get-MigInstance | Remove-MigInstance -Confirm:$false
        New-MigInstance 0 -Profile 1g.6gb
        $way = Compare-VgpuLayout
        $way.Passed | Should -BeFalse
        $way.Losses | Out-String | Should -Match '1g\.6gb'
        $way.Steps | Out-String | Should -Match 'create GPU instance 2g\.12gb'
    }
}
