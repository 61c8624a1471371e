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

    /// <summary>Whether a change of the MIG mode requires a reset by hand.</summary>
    public bool MigChangeAsksForReset { get; set; }

    /// <summary>Whether the IOMMU is off.</summary>
    public bool IommuIsOff { get; set; }

    /// <summary>Whether devices have IOMMU groups although the IOMMU is off: VFIO's mode without one
    /// (assumed).</summary>
    public bool GroupsWithoutIommu { get; set; }

    /// <summary>NVML functions that the installed library does not export.</summary>
    public List<string> MissingFunctions { get; set; } = [];

    /// <summary>vGPU types that the driver does not let mix with other types in a VM.</summary>
    public List<uint> ExclusiveTypes { get; set; } = [];

    /// <summary>Errnos of writes below path prefixes: a full or read-only storage.</summary>
    public SortedDictionary<string, int> WriteRefusals { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Processors and memory.</summary>
    public LabCpus Cpus { get; set; } = new();

    /// <summary>Bytes that are free on its disk.</summary>
    public long FreeBytes { get; set; } = 40L << 30;

    /// <summary>How a boot goes.</summary>
    public LabBootSetup Boot { get; set; } = new();

    /// <summary>PCI devices that are no NVIDIA GPUs.</summary>
    public List<LabPciDevice> OtherDevices { get; set; } = [];
}

/// <summary>How the driver hands out vGPUs on GPUs with SR-IOV.</summary>
/// <remarks>Source: facts/host-behaviour.md 0.</remarks>
public enum LabBackend
{
    /// <summary>Mediated devices.</summary>
    Mdev,

    /// <summary>The vendor's own VFIO: <c>nvidia/current_vgpu_type</c>.</summary>
    Vfio,
}

/// <summary>How a boot of the machine goes.</summary>
public sealed class LabBootSetup
{
    /// <summary>The daemon that informs the driver which vGPU types there are.</summary>
    public const string TypesUnit = "nvidia-vgpud.service";

    /// <summary>The daemon that vGPUs need while they run.</summary>
    public const string ManagerUnit = "nvidia-vgpu-mgr.service";

    /// <summary>When the driver is loaded, in milliseconds.</summary>
    public long DriverAfterMs { get; set; }

    /// <summary>When GPUs are bound to it that come later than that, by address, in milliseconds.</summary>
    public SortedDictionary<string, long> GpusAfterMs { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Units.</summary>
    /// <remarks>Source: facts/host-behaviour.md 7: one that ends when the types are registered, one that
    /// stays.</remarks>
    public List<LabBootUnit> Units { get; set; } = [new() { Name = TypesUnit, RunsForMs = 0 },
        new() { Name = ManagerUnit }];

    /// <summary>A boot that takes the time that a real one takes (assumed).</summary>
    public static LabBootSetup Slow() => new()
    {
        DriverAfterMs = 8_000,
        Units =
        [
            new() { Name = TypesUnit, StartAfterMs = 9_000, RunsForMs = 4_000 },
            new() { Name = ManagerUnit, StartAfterMs = 13_500 },
        ],
    };
}

/// <summary>How a unit of systemd behaves when it is started.</summary>
public sealed class LabBootUnit
{
    /// <summary>Its name: <c>nvidia-vgpud.service</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary>When a boot starts it, in milliseconds; null where a boot does not.</summary>
    public long? StartAfterMs { get; set; } = 0;

    /// <summary>How long it runs, in milliseconds; null where it stays.</summary>
    public long? RunsForMs { get; set; }

    /// <summary>How it ends: <c>success</c>, <c>exit-code</c> ….</summary>
    public string Result { get; set; } = "success";

    /// <summary>Whether it is activating while it runs, and active once it has ended.</summary>
    public bool IsOneshot { get; set; }

    /// <summary>Of which GPU it enables the functions at its end, or <c>ALL</c>; null for none.</summary>
    public string? Functions { get; set; }
}
