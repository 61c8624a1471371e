namespace VgpuPS.Core.Gpu;

/// <summary>One GPU as it was read: everything that decides which vGPU it can still take.</summary>
/// <param name="Gpu">The GPU as PCI shows it.</param>
/// <param name="Uuid">Its UUID.</param>
/// <param name="Model">Its model name.</param>
/// <param name="Mig">MIG mode; null on a GPU without MIG.</param>
/// <param name="MixedSizes">Whether time-sliced vGPUs of several sizes may share it.</param>
/// <param name="Profiles">Its GPU instance profiles; empty without MIG.</param>
/// <param name="Instances">Its GPU instances.</param>
/// <param name="Functions">Its functions, ascending index.</param>
/// <param name="Active">vGPUs of running VMs.</param>
/// <param name="Types">The vGPU types that were asked about, by number; a type missing here is not the GPU's.</param>
public record GpuState(
    PhysicalFunction Gpu, GpuUuid Uuid, string Model, MigMode? Mig, bool MixedSizes,
    IReadOnlyList<GpuInstanceProfile> Profiles, IReadOnlyList<GpuInstance> Instances,
    IReadOnlyList<VirtualFunction> Functions, IReadOnlyList<ActiveVgpu> Active,
    IReadOnlyDictionary<VgpuTypeId, VgpuType> Types)
{
    /// <summary>The GPU's address.</summary>
    public PciAddress Address => Gpu.Address;

    /// <summary>Position among the host's GPUs that the driver has, from 0, ascending address; -1 for one that it has
    /// not.</summary>
    public int Index { get; init; }

    /// <summary>Memory in MiB.</summary>
    public long MemoryMiB { get; init; }

    /// <summary>For display: <c>GPU 0 (NVIDIA A30, 0000:4b:00.0)</c>.</summary>
    public string Text => Describe(Index, Model, Address);

    /// <summary>Whether MIG mode is on now.</summary>
    public bool MigIsOn => Mig is { Current: true };

    /// <summary>
    /// Types that the driver lets be created now; null when it was not asked, or when the snapshot no longer matches.
    /// </summary>
    public IReadOnlyCollection<VgpuTypeId>? Creatable { get; init; }

    /// <summary>What its GPU instances take of it.</summary>
    public Occupancy Occupancy => new(
        Instances.Aggregate(0u, (mask, i) => mask | i.Placement.Mask),
        Instances.Any(i => FindProfile(i.Profile) is { TakesMediaEngines: true }));

    /// <summary>A profile of this GPU by id; null when it has none of that id.</summary>
    public GpuInstanceProfile? FindProfile(ProfileId id) => Profiles.FirstOrDefault(p => p.Id == id);

    /// <summary>Whether it has a profile of that name, or may have it: with MIG mode off a driver need not report
    /// any.</summary>
    public bool MayHaveProfile(string name) => Mig is not null && (Profiles.Count > 0
        ? ProfileNames.Find(Profiles, name) is not null : ProfileNames.MayBeOf(Types.Values, name));

    /// <summary>A type of this GPU by number; null when it has none of that number.</summary>
    public VgpuType? FindType(VgpuTypeId? id) => id is { } known ? Types.GetValueOrDefault(known) : null;

    /// <summary>Name of a profile; its number where this GPU has none of that id.</summary>
    public string NameOf(ProfileId id) => FindProfile(id)?.Name ?? $"profile {id}";

    /// <summary>Whether a type goes with its present MIG mode.</summary>
    public bool FitsMode(VgpuType type) => type.IsMigBacked == MigIsOn;

    /// <summary>A GPU for display.</summary>
    public static string Describe(int index, string model, PciAddress address) =>
        string.Create(CultureInfo.InvariantCulture, $"GPU {index} ({model}, {address})");
}
