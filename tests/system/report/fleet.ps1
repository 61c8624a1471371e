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
Get-VgpuMetric *framebuffer* | Export-VgpuReport $Path -Force
