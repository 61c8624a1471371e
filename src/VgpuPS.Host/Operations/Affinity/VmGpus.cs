namespace VgpuPS.Host.Operations.Affinity;

/// <summary>The GPUs that a VM's vGPUs are on, or may be on with a mapping, as PCI shows them: no driver is
/// needed.</summary>
internal sealed class VmGpus(HostPorts host)
{
    private readonly Lazy<IReadOnlyList<PhysicalFunction>> _gpus = new(host.Devices.GetGpus);

    private readonly Lazy<PciMappings> _mappings = new(
        () => host.Proxmox.ReadMappings() is { } raw ? PciMappings.Read(raw) : PciMappings.None);

    /// <summary>GPUs of some entries, ascending address.</summary>
    public IReadOnlyList<PhysicalFunction> Of(IEnumerable<HostPciEntry> entries) =>
    [
        .. entries.SelectMany(HostsOf).Select(Find).OfType<PhysicalFunction>().Distinct().OrderBy(g => g.Address),
    ];

    /// <summary>Nodes of the cluster other than this one that a mapping of some entries has functions on.</summary>
    public IReadOnlyList<string> OtherNodes(IEnumerable<HostPciEntry> entries) =>
    [
        .. entries.Select(e => e.Mapping).OfType<string>().Select(_mappings.Value.Find).OfType<PciMapping>()
            .SelectMany(m => m.Entries).Select(e => e.Node).Where(n => n != host.Proxmox.Node).Distinct()
            .Order(StringComparer.Ordinal),
    ];

    private IEnumerable<string> HostsOf(HostPciEntry entry) => entry.Mapping is { } id
        ? _mappings.Value.Find(id)?.ForNode(host.Proxmox.Node).SelectMany(e => e.Paths) ?? []
        : entry.Hosts;

    private PhysicalFunction? Find(string text) => PciAddress.TryParse(text, out var address)
        ? _gpus.Value.FirstOrDefault(g => g.Address == address || g.IndexOf(address) is not null) : null;
}
