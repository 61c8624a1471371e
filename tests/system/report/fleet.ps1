# Three simulated hosts with VMs, and their report in the file that is named.
param([string] $Module, [string] $Path)
$ErrorActionPreference = 'Stop'
Import-Module $Module
$null = Connect-VgpuHost -Lab A30,A30 -Name pve1
$null = Connect-VgpuHost -Lab H100-PCIe -Name pve2
$null = Connect-VgpuHost -Lab L40S -Name pve3
Enable-MigMode 0 -Reset -Session pve1
Enable-Sriov 0,1 -Session pve1
Add-VmVgpu 101 -Profile 2g.12gb -Session pve1
Add-VmVgpu 102 -Profile 1g.6gb -Session pve1
Add-VmVgpu 103 A30-6C -Session pve1
Enable-Sriov 0 -Session pve3
Add-VmVgpu 101,102,104 L40S-12Q -Session pve3
Start-LabVm 101,102,103 -Session pve1
Start-LabVm 101,102 -Session pve3
# The article's table, as a model of a GPU would measure it.
$study = 'HostToDevice GB/s 32 25.2 6.3 25.2 6.3', 'DeviceToHost GB/s 32 26.2 6.6 26.3 6.6',
    'DeviceMemory GB/s 933 786 160 196 196', 'SmallGemm GFLOP/s 82000 6680 1410 6550 6550',
    'LargeGemm GFLOP/s 82000 68800 14500 16000 15300' | ForEach-Object {
    $name, $unit, $peak, $values = $_ -split ' '
    foreach ($at in 0..3) {
        [pscustomobject]@{
            VmId = 101; Workload = $name; Mode = ('Idle', 'Loaded')[$at % 2]; Tool = 'Builtin'; Value = $values[$at]
            Unit = $unit; Spread = 0; GpuPeak = $peak; Sharing = $at -lt 2 ? 'TimeSliced' : 'MigBacked'
            VgpuType = $at -lt 2 ? 'A30-6C' : 'A30-1-6C'; GpuUuid = 'GPU-1'; Model = 'NVIDIA A30'; VgpuCount = 4
            WorkingCount = (1, 4)[$at % 2]; IsSimulated = $true
        }
    }
}
@(Get-VgpuMetric *framebuffer*) + $study | Export-VgpuReport $Path -Force
