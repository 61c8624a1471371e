using VgpuPS.Core.Rows;

namespace VgpuPS.Host.Operations.Mappings;

/// <summary>Cluster mappings of NVIDIA's functions, as this node sees them.</summary>
internal sealed class MappingReader(HostPorts host)
{
    /// <summary>All of them, by name.</summary>
    /// <exception cref="UnreadableDataException">The list of mappings cannot be read.</exception>
    public IReadOnlyList<VgpuMappingInfo> Read()
    {
        var mappings = host.Proxmox.ReadMappings();
        var users = MappingUse.Read(host);
        var gpus = host.Devices.GetGpus();
        return
        [
            .. mappings.ById.Values.Where(m => m.IsNvidia).OrderBy(m => m.Id, StringComparer.Ordinal).Select(m =>
            {
                var functions = m.ForNode(host.Proxmox.Node).SelectMany(e => e.Paths).ToList();
                return new VgpuMappingInfo
                {
                    Mapping = m.Id,
                    Node = host.Proxmox.Node,
                    FunctionAddress = functions,
                    GpuAddress = [.. gpus.Where(g => functions.Exists(f => IsOf(g, f))).Select(g => $"{g.Address}")],
                    Nodes = [.. m.Entries.Select(e => e.Node).Distinct().Order(StringComparer.Ordinal)],
                    IsMediated = m.IsMediated,
                    LiveMigration = m.IsLiveMigrationCapable,
                    Description = m.Description,
                    UsedBy = [.. users.Where(u => u.Mapping == m.Id).Select(u => u.Vm.Value).Distinct().Order()],
                };
            }),
        ];
    }

    /// <summary>Whether a path is a GPU, or a function that it has or will have.</summary>
    public static bool IsOf(PhysicalFunction gpu, string path) =>
        PciAddress.TryParse(path, out var address) && IsOf(gpu, address);

    /// <inheritdoc cref="IsOf(PhysicalFunction, string)"/>
    public static bool IsOf(PhysicalFunction gpu, PciAddress address) =>
        gpu.Address == address || gpu.IndexOf(address) is not null;
}

/// <summary>A VM's use of a mapping.</summary>
/// <param name="Mapping">Name of the mapping.</param>
/// <param name="Vm">The VM.</param>
/// <param name="Name">Its name; null without one.</param>
/// <param name="Node">The node that it is configured on.</param>
/// <param name="Key">Its entry.</param>
internal sealed record MappingUse(string Mapping, VmId Vm, string? Name, string Node, string Key)
{
    /// <summary>The VM for display.</summary>
    public string Label => Name is null ? $"VM {Vm}" : $"VM {Vm} ({Name})";

    /// <summary>VMs of all nodes that name a mapping, waiting changes included; one that cannot be read names
    /// none.</summary>
    public static IReadOnlyList<MappingUse> Read(HostPorts host)
    {
        var found = new List<MappingUse>();
        var here = host.Proxmox.GetVms().Select(vm => (Vm: vm, Node: (string?)null));
        foreach (var (vm, node) in here.Concat(host.Proxmox.GetVmsElsewhere().Select(v => (v.Vm, (string?)v.Node))))
        {
            try
            {
                var config = VmConfigReader.Read(host.Proxmox.ReadConfig(vm, node), PveGeneration.Pve9);
                found.AddRange(config.Main.HostPci.Concat(config.Pending.HostPci).Where(e => e.Mapping is not null)
                    .Select(e => new MappingUse(e.Mapping!, vm, config.Name, node ?? host.Proxmox.Node, e.Key)));
            }
            catch (Exception e) when (e is ObjectNotFoundException or UnreadableDataException)
            {
                continue;
            }
        }

        return [.. found.Distinct().OrderBy(u => u.Vm)];
    }
}
