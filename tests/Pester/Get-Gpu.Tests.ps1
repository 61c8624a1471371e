BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Get-Gpu' -Wrong @(
    , @('Get-Gpu 7', 'DeviceNotFound', 'ObjectNotFound')
    , @('Get-Gpu -Session nowhere', 'SessionNotFound', 'ObjectNotFound')
) -Complete @(
    , @('Get-Gpu ', '0000:4b:00.0')
    , @('Get-Gpu 0000:ca', '0000:ca:00.0')
    , @('Get-Gpu -Session l', 'lab')
)

Add-ReadingTest 'Get-Gpu' -Back 'Get-Gpu'

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

    It 'names the GPU that is not there, and is silent about a wildcard' {
        (Get-TestError { Get-Gpu 7 }).TargetObject | Should -Be '7'
        Get-TestError { Get-Gpu *H100* } | Should -BeNullOrEmpty
    }

    It 'goes on after one that is not there' {
        (Get-Gpu 7, 0 -ErrorAction SilentlyContinue).GpuIndex | Should -Be 0
    }

    It 'asks all hosts, and one host for what is only there' {
        Connect-VgpuHost -Lab H100-PCIe -Name other | Out-Null
        try {
            (Get-Gpu 0).VgpuHost | Sort-Object | Should -Be @('lab', 'other')
            (Get-Gpu (Get-Gpu -Session other).GpuUuid).VgpuHost | Should -Be 'other'
        }
        finally {
            Disconnect-VgpuHost other
        }
    }

    It 'shows the GPUs of a host together, below its name' {
        Connect-VgpuHost -Lab A30,A30 -Name other | Out-Null
        try {
            foreach ($try in 1..5) {
                $shown = @(Get-Gpu | Out-String -Stream | Select-String '^ +Host: (\w+)|^ +(\d) 0000:' | ForEach-Object {
                    $_.Matches.Groups[1, 2].Value -join ''
                }) -join ' '
                $shown | Should -BeIn @('lab 0 1 other 0 1', 'other 0 1 lab 0 1')
            }
        }
        finally {
            Disconnect-VgpuHost other
        }
    }

    It 'binds the only object and the array alike as an argument' {
        (Get-Gpu (Get-Gpu 0)).GpuIndex | Should -Be 0
        (Get-Gpu (Get-Gpu)).Count | Should -Be 2
    }

    It 'keeps typed numbers when it is serialised' {
        $copy = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((Get-Gpu 0)))
        $copy.MemoryMiB | Should -BeOfType [long]
        ($copy | Get-Gpu).GpuIndex | Should -Be 0
    }

    It 'is known in a job of a process of its own, whose objects come back' {
        $job = Start-Job { Import-Module $using:TestModule; $null = Connect-VgpuHost -Lab A30; Get-Gpu }
        $gpu = $job | Receive-Job -Wait -AutoRemoveJob
        $gpu.VgpuHost, $gpu.MemoryMiB | Should -Be @('lab', 24576)
        (Get-Gpu $gpu).GpuIndex | Should -Be 0
    }
}
