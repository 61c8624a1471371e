using System.Text.Json.Serialization;

namespace VgpuPS.Core.Claims;

/// <summary>What the hook knows between its runs: claims, instances it made, and the demand it has seen.</summary>
/// <param name="Claims">Claims, by VM and entry.</param>
/// <param name="Instances">Instances that the hook made, by GPU and placement.</param>
/// <param name="Demand">Requested starts by GPU model and profile name, decayed.</param>
public sealed record ClaimFile(
    IReadOnlyList<VgpuClaim> Claims,
    IReadOnlyList<ManagedInstance> Instances,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Demand)
{
    /// <summary>The version that this program writes, and the newest that it reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the file's form.</summary>
    [JsonRequired]
    [JsonPropertyOrder(-1)]
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Nothing claimed, nothing made.</summary>
    public static ClaimFile Empty { get; } =
        new([], [], new Dictionary<string, IReadOnlyDictionary<string, double>>(StringComparer.Ordinal));
}

/// <summary>How far a VM's claim to a vGPU has come.</summary>
public enum ClaimState
{
    /// <summary>Prepared at pre-start; the VM does not run yet.</summary>
    Pending,

    /// <summary>The VM runs.</summary>
    Live,

    /// <summary>The VM stopped and is about to come back: its capacity is reserved for a while.</summary>
    Held,
}

/// <summary>A GPU instance, or a compute instance in a user-created GPU instance, that the hook made.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Profile">Profile of the GPU instance.</param>
/// <param name="Placement">Where it sits: the identity of one whose id is not known yet.</param>
/// <param name="Instance">Its id; null from before it is created until it has been read back.</param>
/// <param name="IsOurs">Whether the GPU instance itself is the hook's; false when only the compute instance is.</param>
/// <param name="ComputeInstance">Its compute instance that the hook made; null for none, or not read back yet.</param>
/// <remarks>
/// Kept apart from claims, since a VM may sit on another VM's instance. One that is being made is recorded before
/// hardware is touched: its placement was free then, so whatever a killed run left there is the hook's.
/// </remarks>
public sealed record ManagedInstance(
    PciAddress Gpu, ProfileId Profile, [property: JsonIgnore] Placement Placement,
    [property: JsonPropertyOrder(1)] GpuInstanceId? Instance, [property: JsonPropertyOrder(1)] bool IsOurs,
    [property: JsonPropertyOrder(1)] ComputeInstanceId? ComputeInstance)
{
    /// <summary>As the claims file holds it: the placement as two numbers.</summary>
    [JsonConstructor]
    public ManagedInstance(
        PciAddress gpu, ProfileId profile, int start, int size, bool isOurs, GpuInstanceId? instance = null,
        ComputeInstanceId? computeInstance = null)
        : this(gpu, profile, new Placement(start, size), instance, isOurs, computeInstance)
    {
    }

    /// <summary>First memory slice.</summary>
    public int Start => Placement.Start;

    /// <summary>Number of memory slices.</summary>
    public int Size => Placement.Size;
}

/// <summary>A VM's claim to one vGPU, from before hardware is touched until the VM has stopped.</summary>
/// <param name="Vm">The VM.</param>
/// <param name="Entry">N of its <c>hostpciN</c>.</param>
/// <param name="Type">The vGPU type.</param>
/// <param name="State">How far it has come.</param>
/// <param name="Candidates">Functions it may use, in the order in which Proxmox tries them.</param>
/// <param name="Function">The function whose device the hook made or adopted; null where Proxmox chooses.</param>
/// <param name="Mdev">The mediated device; null with vendor VFIO.</param>
/// <param name="Reserved">Whether the hook added the function to Proxmox's reservations.</param>
/// <param name="HeldUntil">Monotonic milliseconds since boot until which a held claim counts; 0 otherwise.</param>
/// <param name="Parameters">
/// Plugin parameters that the hook writes to its vGPU, as the driver's attribute has them; null for none.
/// </param>
/// <param name="ParametersAreLate">
/// Whether they came on the vGPU after QEMU had started, so that this run has none of them.
/// </param>
public sealed record VgpuClaim(
    VmId Vm, int Entry, VgpuTypeId Type, ClaimState State, IReadOnlyList<PciAddress> Candidates,
    PciAddress? Function = null, MdevUuid? Mdev = null, bool Reserved = false, long HeldUntil = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Parameters = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool ParametersAreLate = false)
{
    /// <summary>Plugin parameters that a VM which runs has started with; empty for none, null before it is
    /// known.</summary>
    [JsonIgnore]
    public string? StartedWith => State != ClaimState.Live ? null : ParametersAreLate ? "" : Parameters ?? "";
}
