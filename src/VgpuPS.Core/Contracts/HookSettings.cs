namespace VgpuPS.Core.Contracts;

/// <summary>Contents of <c>/etc/vgpups/config.json</c>; every member is optional.</summary>
public sealed record HookSettings
{
    /// <summary>Whether missing virtual functions are enabled.</summary>
    public SriovPolicy Sriov { get; init; } = SriovPolicy.Ensure;

    /// <summary>Whether MIG mode may be switched on for a VM that needs it.</summary>
    public MigModePolicy MigMode { get; init; } = MigModePolicy.Never;

    /// <summary>Who makes the compute instance of a GPU instance.</summary>
    public ComputeInstancePolicy ComputeInstance { get; init; } = ComputeInstancePolicy.Full;

    /// <summary>When hook-made instances without a vGPU are destroyed.</summary>
    public ReclaimPolicy Reclaim { get; init; } = ReclaimPolicy.OnStop;

    /// <summary>What becomes of a start whose vGPU entry Proxmox would drop.</summary>
    public UnreadableEntryPolicy UnreadableEntry { get; init; } = UnreadableEntryPolicy.Refuse;

    /// <summary>Demand by profile name for the planner; null: learned from the starts requested.</summary>
    public IReadOnlyDictionary<string, double>? Demand { get; init; }

    /// <summary>Seconds that the hook's own work may take, 1 to 3600; the wait for the lock is apart.</summary>
    public int TimeoutSeconds { get; init; } = 60;

    /// <summary>Seconds to wait for the host lock, 1 to 86400.</summary>
    public int LockTimeoutSeconds { get; init; } = 300;

    /// <summary>Types of entries with <c>driver=keep</c> and no <c>mdev</c>: VM id, <c>hostpciN</c>, <c>nvidia-N</c>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> KeepTypes { get; init; } =
        new Dictionary<string, IReadOnlyDictionary<string, string>>(StringComparer.Ordinal);

    /// <summary>Another hookscript of a VM, by VM id.</summary>
    public IReadOnlyDictionary<string, ChainedScript> Chain { get; init; } =
        new Dictionary<string, ChainedScript>(StringComparer.Ordinal);
}

/// <summary>Whether the hook enables virtual functions.</summary>
public enum SriovPolicy
{
    /// <summary>Enabled when a start needs one.</summary>
    Ensure,

    /// <summary>Left to others; a start without its function is refused.</summary>
    Never,
}

/// <summary>Whether the hook switches MIG mode on.</summary>
public enum MigModePolicy
{
    /// <summary>Only where the layout says MIG.</summary>
    Never,

    /// <summary>Where a start needs it and the GPU is idle.</summary>
    WhenIdle,
}

/// <summary>Who makes the compute instance of a GPU instance.</summary>
public enum ComputeInstancePolicy
{
    /// <summary>The hook: one that fills the GPU instance.</summary>
    Full,

    /// <summary>The guest's driver.</summary>
    Guest,
}

/// <summary>When hook-made instances are destroyed.</summary>
public enum ReclaimPolicy
{
    /// <summary>When the VM has stopped and nobody needs them.</summary>
    OnStop,

    /// <summary>Not by the hook.</summary>
    Never,
}

/// <summary>What becomes of a start whose vGPU entry Proxmox would drop.</summary>
public enum UnreadableEntryPolicy
{
    /// <summary>The start is refused.</summary>
    Refuse,

    /// <summary>A warning, and the VM starts without it.</summary>
    Warn,
}

/// <summary>Another hookscript, run with the same arguments.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="Order">Before or after the hook's own part; after by default.</param>
public sealed record ChainedScript(string Path, ChainOrder Order = ChainOrder.After);

/// <summary>Whether a chained script runs before or after the hook's own part.</summary>
public enum ChainOrder
{
    /// <summary>Before.</summary>
    Before,

    /// <summary>After.</summary>
    After,
}
