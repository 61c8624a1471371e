# What needs a process of its own, a console, a job, or a simulated host that several processes share.
BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
    . (Join-Path $PSScriptRoot 'Lab.ps1')
}

Describe 'A console' {
    It 'prints the plan of -WhatIf, asks, and does it after a yes only' {
        $text = (Invoke-TestSession @(
            '$null = New-TestLab', 'Enable-Sriov 0 -WhatIf', '"whatif: $((Get-Gpu 0).EnabledFunctions)"'
            'Enable-Sriov 0 -Confirm', 'n', '"no: $((Get-Gpu 0).EnabledFunctions)"'
            'Enable-Sriov 0 -Confirm', 'y', '"yes: $((Get-Gpu 0).EnabledFunctions)"'
            'Disable-Sriov 0', 'n', '"high: $((Get-Gpu 0).EnabledFunctions)"')) -join "`n"
        $text | Should -Match 'What if: Enable-Sriov on .*\n +1\. enable 16 virtual functions, GPU 0000:4b:00\.0'
        $text | Should -Match 'Continue\?'
        foreach ($line in 'whatif: 0', 'no: 0', 'yes: 16', 'high: 16') {
            $text | Should -Match $line
        }
    }

    It 'asks for each object, and one answer can be for all' {
        $text = Invoke-TestSession @(
            '$null = New-TestLab; Enable-MigMode 0 -Reset; New-MigInstance 0 -Profile 1g.6gb -Count 4'
            'Get-MigInstance | Remove-MigInstance', 'y', 'n', 'a', '"left: $(@(Get-MigInstance).Count)"')
        ($text -match 'Continue\?').Count | Should -Be 3
        $text -match 'left: 1$' | Should -Not -BeNullOrEmpty
    }
}

Describe 'A script that nobody watches' {
    It 'is told what to add where it would be asked' {
        New-TestLab | Out-Null
        foreach ($line in 'Enable-Sriov 0 -Confirm', 'Enable-MigMode 0 -Reset -Confirm', 'New-LabToken ./none.tok -Confirm') {
            $failure = Get-TestError ([scriptblock]::Create($line))
            $failure.FullyQualifiedErrorId | Should -BeLike 'ConfirmationRequired,*' -Because $line
            $failure.CategoryInfo.Category | Should -Be 'NotEnabled'
            $failure.ErrorDetails.RecommendedAction | Should -Match '-Confirm:\$false'
        }

        (Get-Gpu 0).EnabledFunctions | Should -Be 0
        './none.tok' | Should -Not -Exist
    }
}

Describe 'Jobs' {
    AfterAll { Disconnect-All }

    It 'of a process of its own write objects that come back and go on' {
        New-TestLab | Out-Null
        $job = Start-Job { Import-Module $using:TestModule; $null = Connect-VgpuHost -Lab A30; Get-Gpu }
        $gpu = $job | Receive-Job -Wait -AutoRemoveJob
        $gpu.VgpuHost, $gpu.MemoryMiB | Should -Be @('lab', 24576)
        $gpu | Out-String -Width 80 | Should -Match 'GPU Address +Model +GiB MIG +Functions +VMs'
        $gpu | Export-Csv (Join-Path $TestDrive 'gpu.csv')
        (Import-Csv (Join-Path $TestDrive 'gpu.csv')).Model | Should -Be 'NVIDIA A30'
        (Get-Gpu $gpu).GpuIndex | Should -Be 0
    }

    It 'of this process share its sessions' {
        New-TestLab | Out-Null
        $job = Start-ThreadJob { Import-Module $using:TestModule; Enable-Sriov 0; Get-Gpu }
        @($job | Receive-Job -Wait -AutoRemoveJob).Count | Should -Be 2
        (Get-Gpu 0).EnabledFunctions | Should -Be 16
    }
}

Describe 'A simulated host in a file' {
    BeforeAll {
        $state = Join-Path $TestDrive 'host.json'
        Connect-TestLabFile $state
        Enable-Sriov 0

        # As Datacenter, Resource Mappings writes it: facts are those of the functions.
        $text = "gpus`n`tmdev 1`n"
        Get-SriovFunction -Gpu 0 | Select-Object -First 2 | ForEach-Object {
            $text += "`tmap node=pve1,path=$($_.FunctionAddress),id=10de:20b7,subsystem-id=10de:0000,iommugroup=$($_.IommuGroup)`n"
        }

        $config = Join-Path $TestDrive 'pci.cfg'
        [IO.File]::WriteAllText($config, "$text`n")
        Invoke-TestLab $state mapping, import, $config | Out-Null
    }

    AfterAll { Disconnect-All }

    It 'is seen as another process has left it' {
        Get-TestCompletion 'Add-VmVgpu 101 A30-6C -Mapping g' | Should -Be 'gpus'
        (Add-VmVgpu 101 A30-6C -Mapping gpus -PassThru).Mapping | Should -Be 'gpus'
    }

    It 'is seen by another process as the module has left it' {
        Add-VmVgpu 102 A30-6C
        Invoke-TestProcess "Connect-VgpuHost -LabState '$state' -Name lab | Out-Null; (Get-VmVgpu 102).VgpuType" | Should -Be 'A30-6C'
        Install-VgpuHost
        Invoke-TestLab $state cat, /etc/vgpups/config.json | Should -Be '{}'
    }
}
