namespace VgpuPS.Host.Operations.VmVgpus;

/// <summary>GPUs that a VM of this node has as a whole: what gives those to vfio-pci is meant so.</summary>
internal static class WholeGpus
{
    /// <summary>PCI device ids of them.</summary>
    /// <remarks>Source: facts/proxmox.md (b): an address without its function means all functions of the
    /// device.</remarks>
    public static IReadOnlySet<int> Find(HostPorts host)
    {
        var entries = host.Proxmox.GetVms().SelectMany(v => Entries(host, v)).Where(e => e.Mdev is null).ToList();
        var mappings = entries.Select(e => e.Mapping).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var mapped = mappings.Count > 0 ? host.Proxmox.ReadMappings() : PciMappings.None;
        var named = entries.SelectMany(e => e.Hosts)
            .Concat(mappings.SelectMany(m => mapped.Find(m)?.Entries ?? []).Where(m => m.Node == host.Proxmox.Node)
                .SelectMany(m => m.Paths))
            .Select(a => PciAddress.TryParse(a.Contains('.', StringComparison.Ordinal) ? a : a + ".0", out var address)
                ? address : (PciAddress?)null)
            .OfType<PciAddress>().ToHashSet();
        return host.Devices.GetGpus().Where(g => named.Contains(g.Address)).Select(g => g.DeviceId).ToHashSet();
    }

    // A VM that cannot be read has its own check.
    private static IReadOnlyList<HostPciEntry> Entries(HostPorts host, VmId vm)
    {
        try
        {
            var raw = host.Proxmox.ReadConfig(vm, null);
            return raw.AsSpan().IndexOf("hostpci"u8) < 0 ? []
                : VmConfigReader.Read(raw, PveGeneration.FromVersion(host.Proxmox.QemuServerVersion)
                    ?? PveGeneration.FromUse(raw)).NextHostPci;
        }
        catch (VgpuException)
        {
            return [];
        }
    }
}
