@{
    ModuleVersion = '0.1.0'
    GUID = '3f0a7c1e-6f43-4a3c-9d0f-52d5c0d0a6b1'
    Author = 'VgpuPS contributors'
    Description = 'Shares NVIDIA GPUs between Proxmox VMs: SR-IOV, MIG, vGPUs, and a hook that makes sure of them at every VM start.'
    PowerShellVersion = '7.6'
    CompatiblePSEditions = @('Core')
    RootModule = 'module/bin/VgpuPS.dll'
    TypesToProcess = @('module/VgpuPS.Types.ps1xml')
    FormatsToProcess = @('module/VgpuPS.Format.ps1xml')
    CmdletsToExport = @(
        'Connect-VgpuHost'
        'Disconnect-VgpuHost'
        'Get-Gpu'
        'Get-MigComputeInstance'
        'Get-MigInstance'
        'Get-MigPlacement'
        'Get-MigProfile'
        'Get-SriovFunction'
        'Get-Vgpu'
        'Get-VgpuHost'
        'Get-VgpuScheduler'
        'Get-VgpuType'
        'Show-Gpu'
        'Start-LabVm'
        'Stop-LabVm'
    )
    FunctionsToExport = @()
    AliasesToExport = @()
    VariablesToExport = @()
}
