using VgpuPS.Core.Text;

namespace VgpuPS.Host.Operations.VmStart;

/// <summary>
/// What puts a mapping of vGPU functions right: its entries of this node as the hardware is, those of other nodes as
/// they are. Whoever uses the mapping keeps it, and the right to set it.
/// </summary>
/// <remarks>Source: facts/proxmox.md (c): PUT replaces all entries of a mapping.</remarks>
internal static class MappingRepair
{
    // A command of more entries is nothing to type.
    private const int MaxEntries = 64;

    /// <summary>What to do, with a command.</summary>
    public static string Advise(HostPorts host, PciMapping mapping)
    {
        var (node, id, gpus) = (host.Proxmox.Node, mapping.Id, host.Devices.GetGpus());
        if (mapping.Entries.Count > MaxEntries)
        {
            return $"compare it with the hardware (pvesh get {Path(id)}; pvesh get /nodes/{node}/hardware/pci "
                + "--pci-class-blacklist ''), and correct it in Datacenter, Resource Mappings";
        }

        var addresses = host.Devices.GetAddresses();
        var named = mapping.ForNode(node).SelectMany(
            e => e.Paths.SelectMany(p => Find(p, addresses)).Select(a => (Entry: e, Address: a))).ToList();
        var off = gpus.FirstOrDefault(
            g => g is { TotalFunctions: > 0, EnabledFunctions: 0 } && named.Exists(n => IsOf(g, n.Address)));
        if (off is not null)
        {
            return $"enable the functions of GPU {off.Address}, which the mapping is compared with: "
                + $"/usr/lib/nvidia/sriov-manage -e {off.Address}; then start or plan the VM again";
        }

        var own = named.SelectMany(n => FindFunctions(host, gpus, n.Address).Select(f => Describe(host, n.Entry, f)))
            .OfType<PciMappingEntry>().DistinctBy(e => e.Path).ToList();
        var command = $"pvesh set {Path(id)}" + string.Concat(mapping.Entries.Where(e => e.Node != node).Concat(own)
            .Select(e => $" --map {ShellText.Quote(e.ToString())}"));
        var flag = mapping.IsMediated ? "" : " --mdev 1";
        return own.Count > 0 ? $"correct the mapping: {command}{flag}"
            : $"see which functions this node has (vgpu-hook show), and with which ids (pvesh get /nodes/{node}"
                + $"/hardware/pci --pci-class-blacklist ''); then: {command} --map node={node},path=<function>,"
                + $"id=<vendor>:<device>{flag}";
    }

    private static string Path(string id) => $"/cluster/mapping/pci/{id}";

    /// <summary>What a path stands for, whether it exists or will once functions are enabled.</summary>
    private static IReadOnlyList<PciAddress> Find(string path, IReadOnlyList<PciAddress> addresses) =>
        PciAddress.TryParse(path, out var address) ? [address] : HostPciChoices.Expand(path, addresses);

    private static bool IsOf(PhysicalFunction gpu, PciAddress address) =>
        gpu.Address == address || gpu.IndexOf(address) is not null;

    /// <summary>The functions that can carry a vGPU in place of one that is named: itself, or those of the
    /// GPU.</summary>
    private static IEnumerable<PciAddress> FindFunctions(
        HostPorts host, IReadOnlyList<PhysicalFunction> gpus, PciAddress named)
    {
        var gpu = gpus.FirstOrDefault(g => IsOf(g, named));
        var functions = gpu is null ? [] : host.Devices.GetFunctions(gpu).Select(f => f.Address).ToList();
        return functions.Contains(named) ? [named] : named == gpu?.Address ? functions : [];
    }

    private static PciMappingEntry? Describe(HostPorts host, PciMappingEntry entry, PciAddress function) =>
        host.Devices.FindFacts(function) is not { } facts ? null : new PciMappingEntry(
            entry.Node, function.ToString(), $"{facts.VendorId}:{facts.DeviceId}",
            facts.SubsystemVendorId is null ? null : $"{facts.SubsystemVendorId}:{facts.SubsystemDeviceId}",
            facts.IommuGroup?.ToString(CultureInfo.InvariantCulture))
        {
            Description = entry.Description,
        };
}
