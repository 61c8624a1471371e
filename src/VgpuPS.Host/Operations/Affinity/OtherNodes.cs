namespace VgpuPS.Host.Operations.Affinity;

/// <summary>Nodes other than this one that a VM can start on: by its mappings, by high availability, by a replica of
/// its disks.</summary>
/// <remarks>Source: facts/cluster.md D13, D14.</remarks>
internal sealed class OtherNodes(HostPorts host)
{
    private readonly Lazy<PciMappings> _mappings = new(host.Proxmox.ReadMappings);

    private readonly Lazy<HighAvailability> _rules = new(host.Proxmox.ReadHighAvailability);
    private readonly Lazy<IReadOnlyList<ReplicationJob>> _replicas = new(host.Proxmox.ReadReplication);

    /// <summary>The nodes, each with the reasons: <c>pve2 (mapping gpus, replication)</c>; in byte order.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="entries">Its vGPU entries.</param>
    public IReadOnlyList<string> Of(VmSubject vm, IReadOnlyList<HostPciEntry> entries)
    {
        var mapped = entries.Select(e => e.Mapping).OfType<string>().Distinct().ToList();
        var found = mapped.SelectMany(id => (_mappings.Value.Find(id)?.Entries ?? []).Select(e => e.Node).Distinct()
            .Select(node => (Node: node, Reason: $"mapping {id}"))).ToList();
        if (_rules.Value.Vms.Contains(vm.Id))
        {
            // It would come to a node without the mapping too, and its start fails there before any CPU counts.
            found.AddRange(_rules.Value.NodesFor(vm.Id, host.Proxmox.GetNodes())
                .Where(n => mapped.Count == 0 || found.Any(f => f.Node == n)).Select(n => (n, "high availability"))
                .ToList());
        }

        found.AddRange(_replicas.Value.Where(r => r.Guest == vm.Id).Select(r => (r.Target, "replication")));
        return
        [
            .. found.Where(f => f.Node != host.Proxmox.Node).GroupBy(f => f.Node)
                .OrderBy(g => g.Key, StringComparer.Ordinal)
                .Select(g => $"{g.Key} ({string.Join(", ", g.Select(f => f.Reason))})"),
        ];
    }
}
