BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Unregister-VgpuHook' -Prepare 'Add-VmVgpu 101 A30-6C' -Wrong @(
    , @('Unregister-VgpuHook 101', 'HookInUse', 'ResourceBusy')
    , @('Unregister-VgpuHook 4711', 'VmNotFound', 'ObjectNotFound')
) -Complete @(, @('Unregister-VgpuHook we', '101'))

Add-ChangingTest 'Unregister-VgpuHook' -Prepare 'Register-VgpuHook 101' -Line 'Unregister-VgpuHook 101' -Once `
    -Plan 'delete hookscript of VM 101'

Describe 'Unregister-VgpuHook' {
    BeforeEach {
        New-TestLab | Out-Null
    }

    It 'takes the hook away' {
        Register-VgpuHook web
        (Unregister-VgpuHook web -PassThru).IsRegistered | Should -BeFalse
        (Get-VgpuHook).IsRegistered | Should -Not -Contain $true
        (Test-VgpuHook web | Where-Object Passed -EQ $false).Check | Should -Be 'Registered'
    }

    It 'takes a hook that a vGPU needs only when forced' {
        Add-VmVgpu 101 -Memory 6GB
        Unregister-VgpuHook 101 -Force
        (Get-VgpuHook 101).IsRegistered | Should -BeFalse
    }
}
