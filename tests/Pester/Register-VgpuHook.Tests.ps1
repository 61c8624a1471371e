BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Register-VgpuHook' -Wrong @(
    , @('Register-VgpuHook 4711', 'VmNotFound', 'ObjectNotFound')
    , @('Register-VgpuHook 101 -Storage none', 'NoSnippetStorage', 'ObjectNotFound')
) -Complete @(
    , @('Register-VgpuHook we', '101')
    , @('Register-VgpuHook 101 -Storage ', 'local')
)

Add-ChangingTest 'Register-VgpuHook' -Line 'Register-VgpuHook 101' -Plan 'set hookscript of VM 101 \(web\) to local:snippets/vgpu-hook' -Once

Describe 'Register-VgpuHook' {
    BeforeEach {
        New-TestLab | Out-Null
    }

    It 'puts the hook on VMs' {
        (Register-VgpuHook web, 102 -PassThru).Volume | Should -Be @('local:snippets/vgpu-hook', 'local:snippets/vgpu-hook')
        Test-VgpuHook web -Quiet | Should -BeTrue
    }

    It 'takes VMs from the pipeline' {
        Get-VgpuHook | Where-Object VmId -LT 103 | Register-VgpuHook
        (Get-VgpuHook | Where-Object IsRegistered).VmId | Should -Be @(101, 102)
    }
}
