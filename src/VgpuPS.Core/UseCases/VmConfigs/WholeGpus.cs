using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Pci;
using VgpuPS.Core.Ports;

namespace VgpuPS.Core.UseCases.VmConfigs;

/// <summary>GPUs that a VM of this node has as a whole: what gives those to vfio-pci is meant so.</summary>
internal static class WholeGpus
{
    /// <summary>PCI device ids of them.</summary>
    /// <remarks>Source: facts/proxmox.md (b): an address without its function means all functions of the device.</remarks>
    public static IReadOnlySet<int> Find(HostPorts host)
    {
        var mappings = host.Guests.ReadMappings() is { } raw ? PciMappings.Read(raw) : PciMappings.None;
        var named = host.Guests.GetVms().SelectMany(v => Entries(host, v)).Where(e => e.Mdev is null)
            .SelectMany(e => e.Hosts.Concat(e.Mapping is { } mapping
                ? mappings.Find(mapping)?.Entries.Where(m => m.Node == host.Guests.Node).SelectMany(m => m.Paths) ?? [] : []))
            .Select(a => PciAddress.TryParse(a.Contains('.', StringComparison.Ordinal) ? a : a + ".0", out var address) ? address : (PciAddress?)null)
            .OfType<PciAddress>().ToHashSet();
        return host.Devices.GetGpus().Where(g => named.Contains(g.Address)).Select(g => g.DeviceId).ToHashSet();
    }

    // A VM that cannot be read has its own check.
    private static IReadOnlyList<HostPciEntry> Entries(HostPorts host, VmId vm)
    {
        try
        {
            return VmFinder.Read(host, vm).Config.NextHostPci;
        }
        catch (VgpuException)
        {
            return [];
        }
    }
}
