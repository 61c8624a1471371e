BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Add-VmVgpu' -Wrong @(
    , @('Add-VmVgpu 900 -Memory 6GB', 'VmIsTemplate', 'InvalidArgument')
    , @('Add-VmVgpu 555 -Memory 6GB', 'VmNotFound', 'ObjectNotFound')
    , @('Add-VmVgpu 101', 'InvalidRequest', 'InvalidArgument')
    , @('Add-VmVgpu 101 A30-6C -Memory 6GB', 'InvalidRequest', 'InvalidArgument')
    , @("Add-VmVgpu 101 -Memory '1,5GB'", 'InvalidRequest', 'InvalidArgument')
    , @('Add-VmVgpu 101 -Memory much', 'InvalidRequest', 'InvalidArgument')
    , @('Add-VmVgpu 101 A100-1-5C', 'VgpuTypeNotFound', 'ObjectNotFound')
    , @('Add-VmVgpu 101 -Profile 3g.20gb', 'ProfileNotFound', 'ObjectNotFound')
    , @('Add-VmVgpu 101 -Memory 6GB -Mapping none', 'MappingNotFound', 'ObjectNotFound')
    , @('Add-VmVgpu 101 -Memory 6GB -Storage none', 'NoSnippetStorage', 'ObjectNotFound')
    , @('Add-VmVgpu 101 -Memory 6GB -Function 0000:99:00.4', 'DeviceNotFound', 'ObjectNotFound')
) -Complete @(
    , @('Add-VmVgpu -VmId we', '101')
    , @('Add-VmVgpu -VmName bui', '102')
    , @('Add-VmVgpu -VmId 101 -Type A30-12', 'A30-12C')
    , @('Add-VmVgpu -VmId 101 -Profile 2g', '2g.12gb')
    , @('Add-VmVgpu -VmId 101 -Storage lo', 'local')
)

Add-ChangingTest 'Add-VmVgpu' -Line 'Add-VmVgpu 101 A30-6C' -Plan 'set hostpci0 of VM 101 \(web\) to 0000:4b:00.4,mdev=nvidia-685,pcie=1'

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

    It 'takes a profile before MIG mode is on, and says what is missing' {
        Add-VmVgpu 101 -Profile 2g.12gb -InformationVariable told
        ($told.MessageData | Out-String) | Should -Match 'switch MIG mode of GPU 0 on'
        (Get-VmVgpu 101).VgpuType | Should -Be 'A30-2-12C'
    }

    It 'shows the guest a PCI device where that is asked for' {
        (Add-VmVgpu 101 A30-6C -PciExpress:$false -PassThru).PciExpress | Should -BeFalse
    }

    It 'leaves the hookscript alone where that is asked for' {
        Add-VmVgpu 101 A30-6C -NoHook
        (Get-VgpuHook 101).IsRegistered | Should -BeFalse
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

    It 'refuses a second type where a type allows one a VM' {
        New-TestLab A40 | Out-Null
        Add-VmVgpu 101 A40-1B
        $failure = Get-TestError { Add-VmVgpu 101 A40-1B }
        $failure.FullyQualifiedErrorId | Should -BeLike 'TooManyVgpus,*'
        $failure.CategoryInfo.Category | Should -Be 'ResourceUnavailable'
    }

    It 'gives each VM another function, from two runspaces at once' {
        $jobs = 101, 102, 103, 104 | ForEach-Object {
            Start-ThreadJob { Import-Module $using:TestModule; Add-VmVgpu $using:_ A30-6C }
        }
        $jobs | Receive-Job -Wait -AutoRemoveJob
        (Get-VmVgpu).FunctionAddress | Select-Object -Unique | Should -HaveCount 4
    }

    It 'makes VMs that start' {
        Add-VmVgpu 101, 102 -Memory 12GB
        Start-LabVm 101, 102
        (Get-Vgpu).VmId | Sort-Object | Should -Be @(101, 102)
    }
}

Describe 'Add-VmVgpu on a host with mappings' {
    BeforeAll {
        . (Join-Path $PSScriptRoot 'Lab.ps1')
        $state = Join-Path $TestDrive 'host.json'
        Connect-TestLabFile $state
        Enable-Sriov 0

        # As Datacenter, Resource Mappings writes it: facts are those of the functions.
        $text = ''
        foreach ($mapping in @{ Id = 'gpus'; Is = '1' }, @{ Id = 'whole'; Is = '0' }) {
            $text += "$($mapping.Id)`n`tmdev $($mapping.Is)`n"
            Get-SriovFunction -Gpu 0 | Select-Object -First 2 | ForEach-Object {
                $text += "`tmap node=pve1,path=$($_.FunctionAddress),id=10de:20b7,subsystem-id=10de:0000,iommugroup=$($_.IommuGroup)`n"
            }

            $text += "`n"
        }

        $config = Join-Path $TestDrive 'pci.cfg'
        [IO.File]::WriteAllText($config, $text)
        Invoke-TestLab $state mapping, import, $config | Out-Null
    }

    AfterAll { Disconnect-All }

    It 'completes those that are for vGPUs, and no other' {
        Get-TestCompletion 'Add-VmVgpu 101 A30-6C -Mapping g' | Should -Be 'gpus'
        (TabExpansion2 ($line = 'Add-VmVgpu 101 A30-6C -Mapping w') $line.Length).CompletionMatches | Should -BeNullOrEmpty
    }

    It 'gives a VM a vGPU from one, which starts' {
        $vgpu = Add-VmVgpu 101 A30-6C -Mapping gpus -PassThru
        $vgpu.Mapping | Should -Be 'gpus'
        (Start-LabVm 101 -PassThru).IsRunning | Should -BeTrue
    }

    It 'refuses one that is for whole devices' {
        $failure = Get-TestError { Add-VmVgpu 102 A30-6C -Mapping whole }
        $failure.FullyQualifiedErrorId | Should -BeLike 'NotAVgpuFunction,*'
        $failure.CategoryInfo.Category | Should -Be 'InvalidArgument'
        $failure.ErrorDetails.RecommendedAction | Should -Match 'pvesh set /cluster/mapping/pci/whole --mdev 1'
    }
}
