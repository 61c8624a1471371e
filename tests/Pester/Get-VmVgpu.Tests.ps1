BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Get-VmVgpu' -Wrong @(, @('Get-VmVgpu 4711', 'VmNotFound', 'ObjectNotFound')) -Complete @(
    , @('Get-VmVgpu de', '104'))

Add-ReadingTest 'Get-VmVgpu' -Prepare 'Add-VmVgpu 101, 102 A30-6C' -Back 'Get-VmVgpu'

Describe 'Get-VmVgpu' {
    BeforeAll {
        New-TestLab | Out-Null
        Add-VmVgpu 101 -Memory 6GB
    }

    It 'filters by id and name, and is silent about a filter' {
        (Get-VmVgpu -VmName w*).Entry | Should -Be 'hostpci0'
        (Get-VmVgpu 101, 102).VmId | Should -Be 101
        Get-VmVgpu nobody* | Should -BeNullOrEmpty
        Get-VmVgpu 104 | Should -BeNullOrEmpty
    }
}
