BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')

    # What the VMs of the host are configured with, as text.
    function Get-VmState {
        Get-VgpuHook 101, 102, 103, 104, 900 | ConvertTo-Json -Depth 6
        Get-VmVgpu | ConvertTo-Json -Depth 6
    }
}

Describe 'Add-VmVgpu' {
    BeforeEach {
        New-TestLab | Out-Null
    }

    It 'gives a VM a vGPU and the hook, and writes what it read back' {
        $vgpu = Add-VmVgpu -VmId 101 -Type A30-12C -PassThru
        $vgpu.VmId | Should -Be 101
        $vgpu.Entry | Should -Be 'hostpci0'
        $vgpu.FunctionAddress, $vgpu.VgpuTypeId, $vgpu.PciExpress | Should -Be @('0000:4b:00.4', 687, $true)
        $vgpu.VgpuHost | Should -Be 'lab'
        (Get-VgpuHook 101).IsRegistered | Should -BeTrue
        Add-VmVgpu 102 -Type A30-12C | Should -BeNullOrEmpty
    }

    It 'takes memory as a number of bytes and as text' -ForEach @{ Size = 6GB }, @{ Size = '6GB' }, @{ Size = '6144 MiB' } {
        (Add-VmVgpu web -Memory $Size -PassThru).VgpuType | Should -Be 'A30-6C'
    }

    It 'takes the literal as PowerShell reads it' {
        (Add-VmVgpu web -Memory 12GB -PassThru).VgpuType | Should -Be 'A30-12C'
    }

    It 'binds rows of a table, blank cells and all, and goes on after one that fails' {
        $rows = @'
VmId,Type,Profile,Memory,Function,PrimaryGpu
101,A30-6C,,,,
build,,,6GB,,true
777,A30-6C,,,,
103,A30-6C,,6GB,,
104,,,"6144MB",0000:ca:00.9,
104,,,"6144MB",0000:ca:00.7,
'@ | ConvertFrom-Csv
        $made = @($rows | Add-VmVgpu -PassThru -ErrorVariable failures -ErrorAction SilentlyContinue)
        $made.VmId | Should -Be @(101, 102, 104)
        $made[1].PrimaryGpu | Should -BeTrue
        $made[0].PrimaryGpu | Should -BeFalse
        $made[2].FunctionAddress | Should -Be '0000:ca:00.7'
        $failures.FullyQualifiedErrorId | Should -Be @(
            'VmNotFound,VgpuPS.Commands.AddVmVgpuCommand', 'InvalidRequest,VgpuPS.Commands.AddVmVgpuCommand',
            'InvalidRequest,VgpuPS.Commands.AddVmVgpuCommand')
    }

    It 'prints the plan with -WhatIf and touches nothing' {
        $text = Invoke-TestProcess 'New-TestLab | Out-Null; Add-VmVgpu web -Memory 12GB -WhatIf; (Get-VmVgpu | Measure-Object).Count; (Get-VgpuHook 101).IsRegistered'
        $text -match 'Set hostpci0 of VM 101 \(web\) to 0000:4b:00.4,mdev=nvidia-687,pcie=1' | Should -Not -BeNullOrEmpty
        $text -match 'Set hookscript of VM 101' | Should -Not -BeNullOrEmpty
        $text[-2..-1] | Should -Be @('0', 'False')
    }

    It 'refuses before it asks, with id, category, target and action' -ForEach @(
        @{ Arguments = @{ VmId = '900'; Memory = '6GB' }; Id = 'VmIsTemplate'; Category = 'InvalidArgument' }
        @{ Arguments = @{ VmId = '555'; Memory = '6GB' }; Id = 'VmNotFound'; Category = 'ObjectNotFound' }
        @{ Arguments = @{ VmId = '101' }; Id = 'InvalidRequest'; Category = 'InvalidArgument' }
        @{ Arguments = @{ VmId = '101'; Memory = '1,5GB' }; Id = 'InvalidRequest'; Category = 'InvalidArgument' }
        @{ Arguments = @{ VmId = '101'; Memory = 'much' }; Id = 'InvalidRequest'; Category = 'InvalidArgument' }
        @{ Arguments = @{ VmId = '101'; Type = 'A100-1-5C' }; Id = 'VgpuTypeNotFound'; Category = 'ObjectNotFound' }
        @{ Arguments = @{ VmId = '101'; Profile = '3g.20gb' }; Id = 'MigModeMismatch'; Category = 'NotEnabled' }
        @{ Arguments = @{ VmId = '101'; Memory = '6GB'; Mapping = 'none' }; Id = 'MappingNotFound'; Category = 'ObjectNotFound' }
        @{ Arguments = @{ VmId = '101'; Memory = '6GB'; Storage = 'none' }; Id = 'NoSnippetStorage'; Category = 'ObjectNotFound' }
    ) {
        $before = Get-VmState
        $failure = Get-TestError { Add-VmVgpu @Arguments -WhatIf }
        $failure.FullyQualifiedErrorId | Should -Be "$Id,VgpuPS.Commands.AddVmVgpuCommand"
        $failure.CategoryInfo.Category | Should -Be $Category
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        Get-VmState | Should -Be $before
    }

    It 'completes VMs with their names, types and functions' {
        Get-TestCompletion 'Add-VmVgpu -VmId we' | Should -Be '101'
        Get-TestCompletion 'Add-VmVgpu -VmId 101 -Type A30-12' | Should -Contain 'A30-12C'
    }

    It 'makes VMs that start' {
        Add-VmVgpu 101, 102 -Memory 12GB
        Start-LabVm 101, 102
        (Get-Vgpu).VmId | Sort-Object | Should -Be @(101, 102)
    }
}

Describe 'Set-, Get- and Remove-VmVgpu' {
    BeforeEach {
        New-TestLab | Out-Null
        Add-VmVgpu 101 -Memory 6GB
    }

    It 'changes what is given, through the pipeline too' {
        (Get-VmVgpu web | Set-VmVgpu -Type A30-12C -PassThru).VgpuType | Should -Be 'A30-12C'
        (Set-VmVgpu 101 hostpci0 -PrimaryGpu -PassThru).PrimaryGpu | Should -BeTrue
        (Set-VmVgpu 101 -PrimaryGpu:$false -PassThru).PrimaryGpu | Should -BeFalse
        (Get-TestError { Set-VmVgpu 101 }).FullyQualifiedErrorId | Should -BeLike 'InvalidRequest,*'
    }

    It 'filters, and says that a VM is not there' {
        (Get-VmVgpu -VmName w*).Entry | Should -Be 'hostpci0'
        Get-VmVgpu nobody* | Should -BeNullOrEmpty
        Get-VmVgpu 104 | Should -BeNullOrEmpty
        (Get-TestError { Get-VmVgpu 4711 }).FullyQualifiedErrorId | Should -BeLike 'VmNotFound,*'
    }

    It 'removes, and says that there is nothing to remove' {
        $before = Get-VmState
        Remove-VmVgpu 101 -WhatIf 6>$null
        Get-VmState | Should -Be $before
        Get-VmVgpu | Remove-VmVgpu
        Get-VmVgpu | Should -BeNullOrEmpty
        (Get-TestError { Remove-VmVgpu 101 }).FullyQualifiedErrorId | Should -BeLike 'EntryNotFound,*'
    }

    It 'tells a running VM''s change as pending' {
        Start-LabVm 101
        Set-VmVgpu 101 -Type A30-12C
        (Get-VmVgpu 101).State | Should -Be @('removing', 'pending')
        (Set-VmVgpu 101 -Type A30-24C -PassThru).VgpuType | Should -Be 'A30-24C'
    }

    It 'completes entries' {
        Get-TestCompletion 'Remove-VmVgpu 101 host' | Should -Be 'hostpci0'
    }

    It 'takes an object back to its own host' {
        Connect-VgpuHost -Lab A30 -Name other | Out-Null
        try {
            (Get-TestError { Remove-VmVgpu 101 }).FullyQualifiedErrorId | Should -BeLike 'AmbiguousVm,*'
            Get-VmVgpu -Session lab | Remove-VmVgpu
            Get-VmVgpu | Should -BeNullOrEmpty
        }
        finally {
            Disconnect-VgpuHost other
        }
    }

    It '<_> shows a table within 120 columns' -ForEach 'Get-VmVgpu', 'Get-VgpuHook', 'Test-VgpuHook' {
        $lines = (& $_ | Out-String -Width 120) -split "`n"
        $lines | ForEach-Object { $_.TrimEnd().Length } | Measure-Object -Maximum | ForEach-Object Maximum | Should -BeLessOrEqual 120
        $lines.Count | Should -BeGreaterThan 3
    }
}

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

    It 'says that a VM is not there' {
        (Get-TestError { Test-VmVgpu 4711 }).FullyQualifiedErrorId | Should -Be 'VmNotFound,VgpuPS.Commands.TestVmVgpuCommand'
    }
}

Describe 'Register-, Get-, Test- and Unregister-VgpuHook' {
    BeforeEach {
        New-TestLab | Out-Null
    }

    It 'puts the hook on a VM and takes it away, twice without a word' {
        (Register-VgpuHook web -PassThru).Volume | Should -Be 'local:snippets/vgpu-hook'
        Register-VgpuHook web | Should -BeNullOrEmpty
        Test-VgpuHook web -Quiet | Should -BeTrue
        (Test-VgpuHook web).Check | Should -Contain 'Content'
        (Unregister-VgpuHook web -PassThru).IsRegistered | Should -BeFalse
        Unregister-VgpuHook web | Should -BeNullOrEmpty
        (Get-VgpuHook).IsRegistered | Should -Not -Contain $true
        (Test-VgpuHook web | Where-Object Passed -EQ $false).Check | Should -Be 'Registered'
    }

    It 'keeps a hook that a vGPU needs unless forced' {
        Add-VmVgpu 101 -Memory 6GB
        $failure = Get-TestError { Unregister-VgpuHook 101 }
        $failure.FullyQualifiedErrorId | Should -BeLike 'HookInUse,*'
        $failure.CategoryInfo.Category | Should -Be 'ResourceBusy'
        Unregister-VgpuHook 101 -Force
        (Get-VgpuHook 101).IsRegistered | Should -BeFalse
    }

    It 'touches nothing with -WhatIf' {
        $before = Get-VmState
        Register-VgpuHook 101, 102 -WhatIf
        Get-VmState | Should -Be $before
    }
}
