BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Get-VgpuHook' -Wrong @(, @('Get-VgpuHook 4711', 'VmNotFound', 'ObjectNotFound')) -Complete @(
    , @('Get-VgpuHook we', '101'))

Add-ReadingTest 'Get-VgpuHook' -Prepare 'Register-VgpuHook 101' -Back 'Get-VgpuHook'

Describe 'Get-VgpuHook' {
    BeforeAll {
        New-TestLab | Out-Null
        Register-VgpuHook 101
    }

    It 'shows each VM with its hook' {
        (Get-VgpuHook | Where-Object IsRegistered).VmId | Should -Be 101
        (Get-VgpuHook w*).VmId | Should -Be 101
        (Get-VgpuHook).VmId | Should -Be @(101, 102, 103, 104, 900)
    }
}
