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
        'Compare-VgpuLayout'
        'Connect-VgpuHost'
        'Disable-MigMode'
        'Disable-Sriov'
        'Disable-VgpuMixedSize'
        'Disconnect-VgpuHost'
        'Enable-MigMode'
        'Enable-Sriov'
        'Enable-VgpuMixedSize'
        'Export-VgpuLayout'
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
        'New-MigComputeInstance'
        'New-MigInstance'
        'New-Vgpu'
        'Remove-MigComputeInstance'
        'Remove-MigInstance'
        'Remove-Vgpu'
        'Set-VgpuScheduler'
        'Show-Gpu'
        'Start-LabVm'
        'Stop-LabVm'
        'Sync-VgpuLayout'
        'Test-VgpuLayout'
    )
    FunctionsToExport = @()
    AliasesToExport = @()
    VariablesToExport = @()
}
