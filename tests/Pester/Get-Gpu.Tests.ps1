BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

Describe 'Get-Gpu' {
    BeforeAll {
        New-TestLab | Out-Null
    }

    It 'finds a GPU by index, UUID, each form of its address, and model' {
        $gpu = Get-Gpu 1
        foreach ($name in $gpu.GpuUuid, $gpu.GpuAddress, '00000000:CA:00.0', 'ca:00.0') {
            (Get-Gpu $name).GpuIndex | Should -Be 1 -Because $name
        }

        (Get-Gpu *A30*).Count | Should -Be 2
        (Get-Gpu a30).Count | Should -Be 2
    }

    It 'says that an identity is not there, and is silent about a wildcard' {
        $failure = Get-TestError { Get-Gpu 7 }
        $failure.FullyQualifiedErrorId | Should -Be 'DeviceNotFound,VgpuPS.Commands.GetGpuCommand'
        $failure.CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $failure.TargetObject | Should -Be '7'
        Get-TestError { Get-Gpu *H100* } | Should -BeNullOrEmpty
    }

    It 'goes on after one that is not there' {
        (Get-Gpu 7, 0 -ErrorAction SilentlyContinue).GpuIndex | Should -Be 0
    }

    It 'takes a GPU back to its own host' {
        Connect-VgpuHost -Lab H100-PCIe -Name other | Out-Null
        try {
            $gpu = Get-Gpu -Session other
            ($gpu | Get-Gpu).VgpuHost | Should -Be 'other'
            (Get-Gpu 0).VgpuHost | Sort-Object | Should -Be @('lab', 'other')
            (Get-Gpu $gpu.GpuUuid).VgpuHost | Should -Be 'other'
        }
        finally {
            Disconnect-VgpuHost other
        }
    }

    It 'binds the only object and the array alike as an argument' {
        (Get-Gpu (Get-Gpu 0)).GpuIndex | Should -Be 0
        (Get-Gpu (Get-Gpu)).Count | Should -Be 2
    }

    It 'completes GPUs and sessions' {
        Get-TestCompletion 'Get-Gpu ' | Should -Contain '0000:4b:00.0'
        Get-TestCompletion 'Get-Gpu -Session l' | Should -Be 'lab'
    }

    It 'shows a table within 120 columns' {
        $lines = (Get-Gpu | Out-String -Width 500) -split "`n"
        $lines | ForEach-Object { $_.TrimEnd().Length } | Measure-Object -Maximum | ForEach-Object Maximum | Should -BeLessOrEqual 120
        $lines -match '^GPU Address' | Should -Not -BeNullOrEmpty
    }

    It 'leaves nothing running when nobody wants more' {
        (Get-Gpu | Select-Object -First 1).GpuIndex | Should -Be 0
        (Get-Gpu).Count | Should -Be 2
    }

    It 'keeps typed numbers when it is serialised' {
        $copy = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((Get-Gpu 0)))
        $copy.MemoryMiB | Should -BeOfType [long]
        ($copy | Get-Gpu).GpuIndex | Should -Be 0
    }

    It 'asks a host in a thread of another runspace too' {
        1..2 | ForEach-Object -Parallel {
            Import-Module (Join-Path $using:PSScriptRoot '../../out/VgpuPS/VgpuPS.psd1')
            (Get-Gpu).Count
        } | Should -Be @(2, 2)
    }
}

Describe 'The other reading commands' {
    BeforeAll {
        New-TestLab | Out-Null
    }

    It '<_> shows each of its views within 120 columns' -ForEach 'Get-VgpuHost', 'Get-VgpuType', 'Get-VgpuScheduler', 'Show-Gpu', 'Get-SriovFunction', 'Get-MigProfile' {
        $lines = (& $_ | Out-String -Width 500) -split "`n"
        $lines | ForEach-Object { $_.TrimEnd().Length } | Measure-Object -Maximum | ForEach-Object Maximum | Should -BeLessOrEqual 120
    }

    It 'Get-VgpuType finds a type by name, number and number in the form of a configuration' {
        foreach ($name in 'A30-2-12C', '690', 'nvidia-690', '*-2-12C') {
            (Get-VgpuType $name -Gpu 0).VgpuTypeId | Should -Be 690 -Because $name
        }
    }

    It 'Show-Gpu writes no escape codes into a text' {
        Show-Gpu | Out-String | Should -Not -Match "`e"
        "$(Show-Gpu | Select-Object -First 1)" | Should -Match 'NVIDIA A30'
        (Show-Gpu | Select-Object -First 1).ColoredLines[0] | Should -Match "`e"
    }

    It 'Get-MigInstance says that an id is not there, and is silent about a filter' {
        (Get-TestError { Get-MigInstance -GpuInstanceId 3 }).FullyQualifiedErrorId | Should -BeLike 'InstanceNotFound,*'
        Get-TestError { Get-MigInstance -Profile 2g.12gb } | Should -BeNullOrEmpty
    }

    It 'Start-LabVm refuses a VM that is not there' {
        (Get-TestError { Start-LabVm 4711 }).FullyQualifiedErrorId | Should -BeLike 'VmNotFound,*'
    }
}
