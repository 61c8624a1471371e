BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Get-SriovFunction' -Prepare 'Enable-Sriov 0' -Wrong @(
    , @('Get-SriovFunction 9', 'DeviceNotFound', 'ObjectNotFound')
    , @('Get-SriovFunction -Function 0000:4b:09.0', 'DeviceNotFound', 'ObjectNotFound')
) -Complete @(
    , @('Get-SriovFunction -Function 0000:4b:00.5', '0000:4b:00.5')
    , @('Get-SriovFunction 0000:4b', '0000:4b:00.0')
)

Add-ReadingTest 'Get-SriovFunction' -Prepare 'Enable-Sriov 0' -Back 'Get-SriovFunction'

Describe 'Get-SriovFunction' {
    BeforeAll {
        New-TestLab | Out-Null
        Enable-Sriov 0
        New-Vgpu 0 A30-8C
    }

    It 'shows those that are free' {
        (Get-SriovFunction).Count | Should -Be 16
        (Get-SriovFunction -Free).Count | Should -Be 15
        (Get-SriovFunction -Free).FunctionAddress | Should -Not -Contain '0000:4b:00.4'
    }

    It 'shows those of a type, and is silent about GPUs without functions' {
        (Get-SriovFunction -Type A30-8C | Where-Object VgpuType).FunctionAddress | Should -Be '0000:4b:00.4'
        Get-SriovFunction 1 | Should -BeNullOrEmpty
    }
}
