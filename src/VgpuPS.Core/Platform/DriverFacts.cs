namespace VgpuPS.Core.Platform;

/// <summary>What is installed and loaded of NVIDIA's driver.</summary>
/// <param name="LoadedVersion">Version of the loaded kernel module; null when it is not loaded.</param>
/// <param name="InstalledVersion">Version of the module's source that DKMS builds; null where none is installed.</param>
/// <param name="HasVgpuManager">Whether the vGPU manager is installed, which only the <c>-vgpu-kvm</c> packages bring.</param>
/// <param name="HasSriovTool">Whether <c>sriov-manage</c> is there.</param>
/// <param name="BuiltFor">Kernels that have the module.</param>
public sealed record DriverFacts(
    string? LoadedVersion, string? InstalledVersion, bool HasVgpuManager, bool HasSriovTool, IReadOnlyList<string> BuiltFor)
{
    /// <summary>Whether the module is loaded.</summary>
    public bool IsLoaded => LoadedVersion is not null;

    /// <summary>Version loaded, else installed; null for none.</summary>
    public string? Version => LoadedVersion ?? InstalledVersion;
}
