BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Get-VgpuHost' -Wrong @(, @('Get-VgpuHost -Session nowhere', 'SessionNotFound', 'ObjectNotFound')) -Complete @(
    , @('Get-VgpuHost -Session l', 'lab'))

Add-ReadingTest 'Get-VgpuHost' -Back 'Get-VgpuHost'

Describe 'Get-VgpuHost' {
    It 'shows all that are connected' {
        Disconnect-All
        Connect-VgpuHost -Lab A30 -Name one | Out-Null
        Connect-VgpuHost -Lab T4 -Name two | Out-Null
        (Get-VgpuHost).VgpuHost | Sort-Object | Should -Be @('one', 'two')
        (Get-VgpuHost -Session two).Gpus | Should -Be 'Tesla T4'
    }
}
