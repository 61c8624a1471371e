namespace VgpuPS.Core.Rows;

/// <summary>A VM of a host: whether it runs, and what it has of GPUs.</summary>
public sealed record VgpuVmInfo : HostObject
{
    /// <summary>The VM.</summary>
    public required int VmId { get; init; }

    /// <summary>Its name; null without one, or where the configuration cannot be read.</summary>
    public required string? VmName { get; init; }

    /// <summary><c>running</c>, <c>stopped</c>, or <c>template</c>.</summary>
    public required string Status { get; init; }

    /// <summary>The node that has its configuration.</summary>
    public required string Node { get; init; }

    /// <summary>vGPUs that it has at its next start, by entry: names of types, or their numbers where no GPU of the
    /// host knows them.</summary>
    public required IReadOnlyList<string> Vgpu { get; init => field = RowList.Of(value); }

    /// <summary>Functions that its vGPUs are on now; empty for a stopped VM, and where the driver does not
    /// answer.</summary>
    public required IReadOnlyList<string> VgpuFunction { get; init => field = RowList.Of(value); }

    /// <summary>Whether our hook is on it.</summary>
    public required bool HasHook { get; init; }

    /// <summary>CPUs that it is pinned to at its next start, as they stand in its configuration; null for
    /// none.</summary>
    public required string? Affinity { get; init; }

    /// <summary>The operation that blocks changes, such as <c>backup</c>; null for none.</summary>
    public required string? Lock { get; init; }

    /// <summary>The VM.</summary>
    public override string ToString() => VmName is null ? $"{VmId}" : $"{VmId} ({VmName})";
}
