@{
    ModuleVersion = '0.1.0'
    GUID = '3f0a7c1e-6f43-4a3c-9d0f-52d5c0d0a6b1'
    Author = 'VgpuPS contributors'
    CompanyName = 'VgpuPS contributors'
    Copyright = '(c) 2026 VgpuPS contributors. MIT licence.'
    Description = 'Shares NVIDIA GPUs between Proxmox VMs: SR-IOV, MIG, vGPUs, and a hook that makes sure of them at every VM start.'
    PowerShellVersion = '7.6'
    CompatiblePSEditions = @('Core')
    RootModule = 'module/bin/VgpuPS.dll'
    TypesToProcess = @('module/VgpuPS.Types.ps1xml')
    FormatsToProcess = @('module/VgpuPS.Format.ps1xml')
    # In the module that is built stand the names of its commands here (module/Help): none is kept by hand.
    CmdletsToExport = '*'
    FunctionsToExport = @()
    AliasesToExport = @()
    VariablesToExport = @()
    PrivateData = @{
        PSData = @{
            Prerelease = 'preview1'
            Tags = @('NVIDIA', 'vGPU', 'MIG', 'SR-IOV', 'GPU', 'Proxmox', 'Virtualization', 'Linux', 'Windows', 'MacOS')
            ProjectUri = 'https://github.com/vgpups/vgpups'
            LicenseUri = 'https://github.com/vgpups/vgpups/blob/main/module/LICENSE'
            ReleaseNotes = 'A preview: tested on a simulated host and a real kernel, not yet on a real GPU. What changes: https://github.com/vgpups/vgpups/blob/main/src/docs/changelog.md'
        }
    }
}
