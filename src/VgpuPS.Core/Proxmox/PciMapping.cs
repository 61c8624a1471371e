namespace VgpuPS.Core.Proxmox;

/// <summary>A cluster mapping: one name for devices of several nodes.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Entries">Its entries of all nodes in file order.</param>
/// <param name="IsMediated">The <c>mdev</c> flag.</param>
/// <param name="IsLiveMigrationCapable">The <c>live-migration-capable</c> flag.</param>
public sealed record PciMapping(
    string Id,
    IReadOnlyList<PciMappingEntry> Entries,
    bool IsMediated,
    bool IsLiveMigrationCapable)
{
    /// <summary>Its description; null for none.</summary>
    public string? Description { get; init; }

    /// <summary>Whether any entry is a device of NVIDIA.</summary>
    public bool IsNvidia => Entries.Any(entry => entry.IsNvidia);

    /// <summary>The node's entries in the order in which Proxmox tries them.</summary>
    public IReadOnlyList<PciMappingEntry> ForNode(string node) =>
        [.. Entries.Where(entry => entry.Node == node)];
}

/// <summary>One <c>map</c> line: an alternative that a node has for a mapping.</summary>
/// <param name="Node">The node.</param>
/// <param name="Path">The device id; several joined by <c>;</c> are functions passed together.</param>
/// <param name="Id">Vendor and device as <c>10de:2331</c>, as written.</param>
/// <param name="SubsystemId">Subsystem vendor and device as written, or null.</param>
/// <param name="IommuGroup">IOMMU group as written, or null.</param>
/// <remarks>Source: facts/proxmox.md (c).</remarks>
public sealed record PciMappingEntry(
    string Node, string Path, string Id, string? SubsystemId, string? IommuGroup)
{
    /// <summary>The entry's own description, or null.</summary>
    public string? Description { get; init; }

    /// <summary>The value of its <c>map</c> line.</summary>
    public override string ToString() => string.Concat(
        $"node={Node},path={Path},id={Id}",
        SubsystemId is null ? "" : $",subsystem-id={SubsystemId}",
        IommuGroup is null ? "" : $",iommugroup={IommuGroup}",
        Description is null ? "" : $",description={Description}");

    /// <summary>Whether it is a device of NVIDIA.</summary>
    public bool IsNvidia => Id.StartsWith("10de:", StringComparison.OrdinalIgnoreCase);

    /// <summary>The device ids of <see cref="Path"/>.</summary>
    public IReadOnlyList<string> Paths => Path.Split(';');
}
