namespace VgpuPS.Core.Rows;

/// <summary>How many more vGPUs a GPU, a host or all hosts take: now, and once every configured VM has
/// started.</summary>
public sealed record VgpuCapacityInfo : HostObject
{
    /// <summary><c>Gpu</c>, <c>Host</c> or <c>Cluster</c>.</summary>
    public required string Scope { get; init; }

    /// <summary>Index of the GPU; null for a host or all.</summary>
    public int? GpuIndex { get; init; }

    /// <summary>UUID of the GPU; null for a host or all.</summary>
    public string? GpuUuid { get; init; }

    /// <summary>Address of the GPU; null for a host or all.</summary>
    public string? GpuAddress { get; init; }

    /// <summary>Model of the GPU; of a host or all, each model once.</summary>
    public required string Model { get; init; }

    /// <summary>The type that is counted; null where it is what else may be, one or the other.</summary>
    public string? VgpuType { get; init; }

    /// <summary>The GPU instance profile of that type; null for a time-sliced one.</summary>
    public string? Profile { get; init; }

    /// <summary>vGPUs of VMs that run; of the type where one is counted.</summary>
    public int Running { get; init; }

    /// <summary>vGPUs that are there or reserved, and no VM runs with yet.</summary>
    public int Pending { get; init; }

    /// <summary>vGPUs of stopped VMs that get a place here when all of them start.</summary>
    public int Stopped { get; init; }

    /// <summary>vGPUs of stopped VMs of the host that get none when all of them start; 0 for a GPU.</summary>
    public int Excess { get; init; }

    /// <summary>How many more can start now; where no type is counted the most of any type.</summary>
    public int Startable { get; init; }

    /// <summary>How many more once all stopped VMs have started.</summary>
    public int StartableAfter { get; init; }

    /// <summary>How many can start now, in words: <c>4 x A30-6C or 2 x A30-12C</c>; the first one decides.</summary>
    public IReadOnlyList<string> Fits { get; set => field = RowList.Of(value); } = RowList.Of<string>([]);

    /// <summary>The same once all stopped VMs have started.</summary>
    public IReadOnlyList<string> FitsAfter { get; set => field = RowList.Of(value); } = RowList.Of<string>([]);

    /// <summary>What the next vGPU would lack now: functions, size, type's maximum, slices, placement, memory
    /// …</summary>
    public required string LimitedBy { get; init; }

    /// <summary>What it would lack once all stopped VMs have started.</summary>
    public required string LimitedByAfter { get; init; }

    /// <summary>Memory of the host that VMs can still have, in MiB; null where it is not known.</summary>
    public long? AvailableMemoryMiB { get; init; }

    /// <summary>Hosts that are counted.</summary>
    public IReadOnlyList<string> Hosts { get; set => field = RowList.Of(value); } = RowList.Of<string>([]);

    /// <summary>Counts of each type, for those who add rows up.</summary>
    public IReadOnlyList<VgpuTypeCount> Types { get; set => field = RowList.Of(value); } =
        RowList.Of<VgpuTypeCount>([]);

    /// <summary>What fits.</summary>
    public override string ToString() => string.Join(" or ", Fits);
}

/// <summary>How many more of one type.</summary>
/// <param name="VgpuType">The type.</param>
/// <param name="Startable">Now.</param>
/// <param name="StartableAfter">Once all stopped VMs have started.</param>
/// <param name="LimitedBy">What the next one would lack now.</param>
/// <param name="LimitedByAfter">What it would lack then.</param>
public sealed record VgpuTypeCount(
    string VgpuType, int Startable, int StartableAfter, string LimitedBy, string LimitedByAfter)
{
    /// <summary>Frame buffer of one in MiB.</summary>
    public long FramebufferMiB { get; init; }

    /// <summary>Number and type: <c>4 x A30-6C</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Startable} x {VgpuType}");
}
