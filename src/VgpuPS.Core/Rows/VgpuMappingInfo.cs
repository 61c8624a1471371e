namespace VgpuPS.Core.Rows;

/// <summary>A cluster mapping of vGPU functions, as one node sees it.</summary>
public sealed record VgpuMappingInfo : HostObject
{
    /// <summary>Its name.</summary>
    public required string Mapping { get; init; }

    /// <summary>The node that was asked.</summary>
    public required string Node { get; init; }

    /// <summary>Addresses of the functions that it has for this node, in the order in which Proxmox tries
    /// them.</summary>
    public required IReadOnlyList<string> FunctionAddress { get; init => field = RowList.Of(value); }

    /// <summary>Addresses of this node's GPUs that these functions are of.</summary>
    public required IReadOnlyList<string> GpuAddress { get; init => field = RowList.Of(value); }

    /// <summary>All nodes that it has entries for.</summary>
    public required IReadOnlyList<string> Nodes { get; init => field = RowList.Of(value); }

    /// <summary>Whether it is marked for mediated devices, without which Proxmox passes functions through as a
    /// whole.</summary>
    public required bool IsMediated { get; init; }

    /// <summary>Whether it is marked as capable of live migration.</summary>
    public required bool LiveMigration { get; init; }

    /// <summary>Its description; null for none.</summary>
    public required string? Description { get; init; }

    /// <summary>VMs of all nodes whose configuration names it, running or not.</summary>
    public required IReadOnlyList<int> UsedBy { get; init => field = RowList.Of(value); }

    /// <summary>Its name.</summary>
    public override string ToString() => Mapping;
}

/// <summary>One thing that must be right for VMs to start from a cluster mapping on a node.</summary>
public sealed record VgpuMappingTestInfo : HostObject
{
    /// <summary>The mapping.</summary>
    public required string Mapping { get; init; }

    /// <summary>The node, which judges its own entries.</summary>
    public required string Node { get; init; }

    /// <summary>
    /// <c>Exists</c>, <c>Entries</c>, <c>Mediated</c>, <c>Vendor</c>, <c>Hardware</c>, <c>Functions</c> or
    /// <c>Quorum</c>.
    /// </summary>
    public required string Check { get; init; }

    /// <summary>Whether it is right.</summary>
    public required bool Passed { get; init; }

    /// <summary>What was looked at, or what is wrong.</summary>
    public required string Detail { get; init; }

    /// <summary>What to do; null where it is right.</summary>
    public required string? RecommendedAction { get; init; }
}
