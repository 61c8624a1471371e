BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Test-VmVgpu' -Wrong @(, @('Test-VmVgpu 4711', 'VmNotFound', 'ObjectNotFound')) -Complete @(
    , @('Test-VmVgpu we', '101'))

Add-ReadingTest 'Test-VmVgpu' -Prepare 'Add-VmVgpu 101, 102 A30-6C' -Line 'Test-VmVgpu 101, build' -Back 'Test-VmVgpu'

Describe 'Test-VmVgpu' {
    BeforeAll {
        New-TestLab | Out-Null
        Add-VmVgpu 101 -Memory 6GB
        Add-VmVgpu 102 -Memory 6GB -NoHook
    }

    It 'shows what a start would do' {
        $test = Test-VmVgpu web
        $test.Passed | Should -BeTrue
        $test.Steps | Should -Not -BeNullOrEmpty
        Test-VmVgpu 101 -Quiet | Should -BeTrue
    }

    It 'says why a start would fail' {
        Test-VmVgpu 102, 900 -Quiet | Should -Be @($false, $false)
        (Test-VmVgpu 900).ErrorId | Should -Be 'VmIsTemplate'
        (Test-VmVgpu 102).RecommendedAction | Should -Match 'Register-VgpuHook -VmId 102'
    }
}
