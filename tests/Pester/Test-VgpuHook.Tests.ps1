BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Test-VgpuHook' -Wrong @(, @('Test-VgpuHook 4711', 'VmNotFound', 'ObjectNotFound')) -Complete @(
    , @('Test-VgpuHook we', '101'))

Add-ReadingTest 'Test-VgpuHook' -Prepare 'Register-VgpuHook 101' -Back 'Where-Object VmId | Test-VgpuHook'

Describe 'Test-VgpuHook' {
    BeforeAll {
        New-TestLab | Out-Null
        Register-VgpuHook 101
    }

    It 'says what is right and what is missing' {
        (Test-VgpuHook web).Check | Should -Contain 'Content'
        Test-VgpuHook web -Quiet | Should -BeTrue
        Test-VgpuHook 102 -Quiet | Should -BeFalse
        (Test-VgpuHook 102 | Where-Object Passed -EQ $false).Check | Should -Contain 'Registered'
    }
}
