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
