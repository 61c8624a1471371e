namespace VgpuPS.Host.Operations.Affinity;

/// <summary>The GPUs that a VM's vGPUs are on, or may be on with a mapping, as PCI shows them: no driver is
/// needed.</summary>
internal sealed class VmGpus(HostPorts host)
{
    private readonly Lazy<IReadOnlyList<PhysicalFunction>> _gpus = new(host.Devices.GetGpus);

    private readonly Lazy<PciMappings> _mappings = new(host.Proxmox.ReadMappings);

    /// <summary>GPUs of some entries, ascending address.</summary>
    public IReadOnlyList<PhysicalFunction> Of(IEnumerable<HostPciEntry> entries) =>
    [
        .. entries.SelectMany(HostsOf).Select(Find).OfType<PhysicalFunction>().Distinct().OrderBy(g => g.Address),
    ];

    private IEnumerable<string> HostsOf(HostPciEntry entry) => entry.Mapping is { } id
        ? _mappings.Value.Find(id)?.ForNode(host.Proxmox.Node).SelectMany(e => e.Paths) ?? []
        : entry.Hosts;

    private PhysicalFunction? Find(string text) => PciAddress.TryParse(text, out var address)
        ? _gpus.Value.FirstOrDefault(g => g.Address == address || g.IndexOf(address) is not null) : null;
}
