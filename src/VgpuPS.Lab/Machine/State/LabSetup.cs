namespace VgpuPS.Lab.Machine;

/// <summary>Settings of the simulated machine that its operation does not change.</summary>
public sealed class LabSetup
{
    /// <summary>Name of the node.</summary>
    public string Node { get; set; } = "pve1";

    /// <summary>Release of the kernel.</summary>
    public string Kernel { get; set; } = "";

    /// <summary>Release of Proxmox VE: <c>8.4</c> or <c>9.2</c>.</summary>
    public string PveVersion { get; set; } = "9.2";

    /// <summary>How vGPUs are handed out.</summary>
    public LabBackend Backend { get; set; }

    /// <summary>Version of NVIDIA's host driver.</summary>
    public string DriverVersion { get; set; } = "580.105.06";

    /// <summary>Whether the driver's library is missing.</summary>
    public bool LibraryIsMissing { get; set; }

    /// <summary>Whether the kernel driver is not loaded.</summary>
    public bool DriverIsUnloaded { get; set; }

    /// <summary>Whether library and kernel driver are of different versions.</summary>
    public bool VersionsDiffer { get; set; }

    /// <summary>Whether the callers are not root.</summary>
    public bool CallersAreUnprivileged { get; set; }

    /// <summary>Whether the installed driver offers no vGPUs.</summary>
    public bool DriverHasNoVgpu { get; set; }

    /// <summary>Whether a change of the MIG mode asks for a reset by hand.</summary>
    public bool MigChangeAsksForReset { get; set; }

    /// <summary>Whether the IOMMU is off.</summary>
    public bool IommuIsOff { get; set; }

    /// <summary>NVML functions that the installed library does not export.</summary>
    public List<string> MissingFunctions { get; set; } = [];

    /// <summary>vGPU types that the driver does not let mix with other types in a VM.</summary>
    public List<uint> ExclusiveTypes { get; set; } = [];

    /// <summary>Errnos of writes below path prefixes: a full or read-only storage.</summary>
    public SortedDictionary<string, int> WriteRefusals { get; set; } = new(StringComparer.Ordinal);

    /// <summary>How a boot goes.</summary>
    public LabBootSetup Boot { get; set; } = new();

    /// <summary>PCI devices that are no NVIDIA GPUs.</summary>
    public List<LabPciDevice> OtherDevices { get; set; } = [];
}
