namespace VgpuPS.Core.Guests;

/// <summary>A cluster mapping: one name for devices of several nodes.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Entries">Its entries of all nodes in file order.</param>
/// <param name="IsMediated">The <c>mdev</c> flag.</param>
/// <param name="IsLiveMigrationCapable">The <c>live-migration-capable</c> flag.</param>
/// <param name="Description">Free text, or null.</param>
public sealed record PciMapping(
    string Id,
    IReadOnlyList<PciMappingEntry> Entries,
    bool IsMediated,
    bool IsLiveMigrationCapable,
    string? Description)
{
    /// <summary>The node's entries in the order in which Proxmox tries them.</summary>
    public IReadOnlyList<PciMappingEntry> ForNode(string node) =>
        [.. Entries.Where(entry => entry.Node == node)];
}
