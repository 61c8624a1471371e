using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace VgpuPS.Core.Settings;

/// <summary>Contents of <c>/etc/vgpups/config.json</c>; every member is optional.</summary>
/// <remarks>
/// Members have setters: one that can only be initialized loses its default where a file leaves it out, and all are
/// then read before one is set, so that a failure is reported at the end of the file.
/// </remarks>
public sealed record HookSettings
{
    /// <summary>The newest version that this program reads.</summary>
    public const int CurrentVersion = 1;

    private static readonly Dictionary<string, IReadOnlyDictionary<string, string>> s_noTypes = [];
    private static readonly Dictionary<string, ChainedScript> s_noScripts = [];
    private static readonly Dictionary<string, IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>>>
        s_noParameters = [];

    /// <summary>Version of the file's form.</summary>
    public int Version { get; set; } = CurrentVersion;

    /// <summary>Whether missing virtual functions are enabled.</summary>
    public SriovPolicy Sriov { get; set; }

    /// <summary>Whether MIG mode may be enabled for a VM that needs it.</summary>
    public MigModePolicy MigMode { get; set; }

    /// <summary>Who makes the compute instance of a GPU instance.</summary>
    public ComputeInstancePolicy ComputeInstance { get; set; }

    /// <summary>When hook-managed instances without a vGPU are destroyed.</summary>
    public ReclaimPolicy Reclaim { get; set; }

    /// <summary>What becomes of a start whose vGPU entry Proxmox would drop.</summary>
    public UnreadableEntryPolicy UnreadableEntry { get; set; }

    /// <summary>Demand by profile name for the planner; null: learned from the starts requested.</summary>
    [JsonConverter(typeof(DemandConverter))]
    public IReadOnlyDictionary<string, double>? Demand { get; set; }

    /// <summary>Seconds that the hook's own work may take, 1 to 3600; the wait for the lock is apart.</summary>
    [JsonConverter(typeof(TimeoutConverter))]
    public int TimeoutSeconds { get; set; } = 60;

    /// <summary>Seconds to wait for the host lock, 1 to 86400.</summary>
    [JsonConverter(typeof(LockTimeoutConverter))]
    public int LockTimeoutSeconds { get; set; } = 300;

    /// <summary>
    /// Types of entries with <c>driver=keep</c> and no <c>mdev</c>: VM id, <c>hostpciN</c>, <c>nvidia-N</c>.
    /// </summary>
    [AllowNull]
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> KeepTypes
    {
        get;
        set => field = value ?? s_noTypes;
    } = s_noTypes;

    /// <summary>Plugin parameters of vGPUs: VM id, <c>hostpciN</c>, name, value.</summary>
    [AllowNull]
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>>> VgpuParameters
    {
        get;
        set => field = value ?? s_noParameters;
    } = s_noParameters;

    /// <summary>Another hookscript of a VM, by VM id.</summary>
    [AllowNull]
    public IReadOnlyDictionary<string, ChainedScript> Chain
    {
        get;
        set => field = value ?? s_noScripts;
    } = s_noScripts;

    /// <summary>Plugin parameters of an entry, as the driver's attribute has them; empty for none.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="entry">Its entry, <c>hostpciN</c>.</param>
    public string ParametersOf(VmId vm, string entry) =>
        VgpuParameters.GetValueOrDefault(vm.ToString())?.GetValueOrDefault(entry) is { } parameters
            ? Gpu.VgpuParameters.Format(parameters) : "";
}

/// <summary>Whether the hook enables virtual functions.</summary>
public enum SriovPolicy
{
    /// <summary>Enabled when a start needs one.</summary>
    Ensure,

    /// <summary>Left to others; a start without its function is refused.</summary>
    Never,
}

/// <summary>Whether the hook enables MIG mode.</summary>
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

/// <summary>When hook-managed instances are destroyed.</summary>
public enum ReclaimPolicy
{
    /// <summary>When the VM has stopped and they are no longer needed.</summary>
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
    /// <summary>After.</summary>
    After,

    /// <summary>Before.</summary>
    Before,
}
