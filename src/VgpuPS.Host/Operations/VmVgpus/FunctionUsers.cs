namespace VgpuPS.Host.Operations.VmVgpus;

/// <summary>Functions that VMs of the node name in their configuration, running or not, waiting changes
/// included.</summary>
internal sealed class FunctionUsers
{
    private readonly ILookup<PciAddress, FunctionUser> _users;

    private FunctionUsers(ILookup<PciAddress, FunctionUser> users) => _users = users;

    /// <summary>All functions that are named, with their users.</summary>
    public IEnumerable<(PciAddress Function, FunctionUser User)> All =>
        _users.SelectMany(g => g.Select(u => (g.Key, u)));

    /// <summary>Reads all VMs; one that cannot be read names nothing.</summary>
    public static FunctionUsers Read(HostPorts host)
    {
        var devices = new Lazy<IReadOnlyList<PciAddress>>(host.Devices.GetAddresses);
        var found = new List<(PciAddress Function, FunctionUser User)>();
        foreach (var vm in host.Proxmox.GetVms())
        {
            try
            {
                var config = VmFinder.Read(host, vm).Config;
                foreach (var entry in config.Main.HostPci.Concat(config.Pending.HostPci))
                {
                    found.AddRange(HostPciChoices.Named(entry, devices).Select(
                        a => (a, new FunctionUser(vm, config.Name, entry.Index, entry.VgpuType))));
                }
            }
            catch (Exception e) when (e is ObjectNotFoundException or UnreadableDataException)
            {
                continue;
            }
        }

        return new FunctionUsers(found.Distinct().ToLookup(f => f.Function, f => f.User));
    }

    /// <summary>Users of a function other than one entry, which is being changed.</summary>
    public IEnumerable<FunctionUser> Of(PciAddress function, VmId vm, int? exceptEntry) =>
        _users[function].Where(u => u.Vm != vm || u.Entry != exceptEntry);
}

/// <summary>An entry of a VM that names a function.</summary>
/// <param name="Vm">The VM, running or not.</param>
/// <param name="Name">Its name; null without one.</param>
/// <param name="Entry">N of its entry.</param>
/// <param name="Type">The vGPU type; null for a device passed through as it is.</param>
internal sealed record FunctionUser(VmId Vm, string? Name, int Entry, VgpuTypeId? Type)
{
    /// <summary>The VM for display.</summary>
    public string Label => Name is null ? $"VM {Vm}" : $"VM {Vm} ({Name})";
}
