BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Get-VgpuType' -Prepare 'Enable-MigMode 0 -Reset; Enable-Sriov 0' -Wrong @(
    , @('Get-VgpuType -Gpu 9', 'DeviceNotFound', 'ObjectNotFound')
    , @('Get-VgpuType -Function 0000:99:00.4', 'DeviceNotFound', 'ObjectNotFound')
    , @('Get-VgpuType -GpuInstanceId 9', 'InstanceNotFound', 'ObjectNotFound')
    , @('Get-VgpuType A30-9-99C', 'VgpuTypeNotFound', 'ObjectNotFound')
    , @('Get-VgpuType nvidia-9999', 'VgpuTypeNotFound', 'ObjectNotFound')
) -Complete @(
    , @('Get-VgpuType A30-2', 'A30-2-12C')
    , @('Get-VgpuType 690', 'A30-2-12C')
)

Add-ReadingTest 'Get-VgpuType' -Back 'Get-VgpuType'

Describe 'Get-VgpuType' {
    BeforeAll {
        New-TestLab | Out-Null
    }

    It 'finds a type by name, number and number in the form of a configuration' {
        foreach ($name in 'A30-2-12C', '690', 'nvidia-690', '*-2-12C') {
            (Get-VgpuType $name -Gpu 0).VgpuTypeId | Should -Be 690 -Because $name
        }
    }

    It 'is silent where a wildcard has no match' {
        Get-VgpuType *-9-99C | Should -BeNullOrEmpty
    }

    It 'chooses by class' {
        $types = Get-VgpuType -Gpu 0
        Get-VgpuType -Gpu 0 -Class C | Should -HaveCount @($types | Where-Object VgpuType -Match 'C(ME)?$').Count
        (Get-VgpuType A30-1-6CME -Gpu 0 -Class C).VgpuType | Should -Be 'A30-1-6CME'
        Get-VgpuType A30-1-6CME -Gpu 0 -Class Q | Should -BeNullOrEmpty
    }

    It 'names the profile of a type before MIG mode is on' {
        (Get-VgpuType A30-2-12C -Gpu 0).Profile | Should -Be '2g.12gb'
        (Get-VgpuType A30-6C -Gpu 0).Profile | Should -BeNullOrEmpty
    }

    It 'shows how many a GPU and a VM can have' {
        $type = Get-VgpuType A30-6C -Gpu 0
        $type.MaxPerGpu, $type.MaxPerVm, $type.IsExclusiveInVm | Should -Be @(4, 16, $false)
        Get-VgpuType A30-6C -Gpu 0 | Out-String | Should -Match '4/16'
    }

    It 'shows what can be created now, on a function, on an instance' {
        Enable-MigMode 0 -Reset
        Enable-Sriov 0
        New-MigInstance 0 -Profile 2g.12gb
        (Get-VgpuType -Gpu 0 -Creatable).VgpuType | Should -Be 'A30-2-12C'
        (Get-VgpuType -Function 0000:4b:00.4).VgpuType | Should -Be 'A30-2-12C'
        (Get-MigInstance | Get-VgpuType).VgpuType | Should -Be 'A30-2-12C'
    }
}
