BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Remove-VmVgpu' -Prepare 'Add-VmVgpu 101 A30-6C' -Wrong @(
    , @('Remove-VmVgpu 102', 'EntryNotFound', 'ObjectNotFound')
    , @('Remove-VmVgpu 101 hostpci9', 'EntryNotFound', 'ObjectNotFound')
    , @('Remove-VmVgpu 4711', 'VmNotFound', 'ObjectNotFound')
) -Complete @(
    , @('Remove-VmVgpu 101 host', 'hostpci0')
    , @('Remove-VmVgpu we', '101')
)

Add-ChangingTest 'Remove-VmVgpu' -High -NoPassThru -Prepare 'Add-VmVgpu 101 A30-6C' -Line 'Remove-VmVgpu 101' `
    -Plan 'delete hostpci0 of VM 101'

Describe 'Remove-VmVgpu' {
    BeforeEach {
        New-TestLab | Out-Null
        Add-VmVgpu 101, 102 A30-6C
    }

    It 'removes what is piped in, and says that there is nothing to remove' {
        Get-VmVgpu | Remove-VmVgpu -Confirm:$false
        Get-VmVgpu | Should -BeNullOrEmpty
        (Get-TestError { Remove-VmVgpu 101 -Confirm:$false }).FullyQualifiedErrorId | Should -BeLike 'EntryNotFound,*'
    }

    It 'takes an object back to its own host, and asks which where a VM is on two' {
        Connect-VgpuHost -Lab A30 -Name other | Out-Null
        try {
            $failure = Get-TestError { Remove-VmVgpu 101 -Confirm:$false }
            $failure.FullyQualifiedErrorId | Should -BeLike 'AmbiguousVm,*'
            $failure.ErrorDetails.RecommendedAction | Should -Match '-Session lab'
            Get-VmVgpu -Session lab | Remove-VmVgpu -Confirm:$false
            Get-VmVgpu | Should -BeNullOrEmpty
        }
        finally {
            Disconnect-VgpuHost other
        }
    }
}
