namespace VgpuPS.Host.Operations;

/// <summary>Finds the VM that a user means, by number or by name.</summary>
internal static class VmFinder
{
    /// <summary>Finds it on this node; a number is never taken for a name.</summary>
    /// <exception cref="HostNotReadyException">This is not a Proxmox host.</exception>
    /// <exception cref="InvalidRequestException">No VM is named, or two have that name.</exception>
    /// <exception cref="ObjectNotFoundException">There is none, or it is on another node, which the message
    /// names.</exception>
    public static VmSubject Find(HostPorts host, string? text)
    {
        host.ConfigWriter.RequireProxmox();
        var wanted = text?.Trim() ?? "";
        if (wanted.Length == 0)
        {
            throw new InvalidRequestException(
                ErrorIds.MissingParameter, "no VM is named", "name one by number or name; qm list shows them");
        }

        return VmId.TryParse(wanted, out var vm) ? Read(host, Locate(host, vm)) : FindByName(host, wanted);
    }

    /// <summary>Reads a VM of this node.</summary>
    public static VmSubject Read(HostPorts host, VmId vm)
    {
        var raw = host.Proxmox.ReadConfig(vm, null);
        var generation = PveGeneration.FromVersion(host.Proxmox.QemuServerVersion) ?? PveGeneration.FromUse(raw);
        return new VmSubject(vm, raw, VmConfigReader.Read(raw, generation), generation, host.Proxmox.IsRunning(vm));
    }

    private static VmId Locate(HostPorts host, VmId vm) =>
        host.Proxmox.GetVms().Contains(vm) ? vm
        : host.Proxmox.GetVmsElsewhere().FirstOrDefault(v => v.Vm == vm) is { Node: { } node }
            ? throw OnOtherNode($"VM {vm}", node, vm)
        : throw new ObjectNotFoundException(
            ErrorIds.VmNotFound, $"no VM {vm} is configured on node {host.Proxmox.Node}", "see the node's VMs: qm list",
            vm.ToString());

    private static VmSubject FindByName(HostPorts host, string name)
    {
        var named = host.Proxmox.GetVms().Select(v => TryRead(host, v)).OfType<VmSubject>()
            .Where(v => string.Equals(v.Config.Name, name, StringComparison.OrdinalIgnoreCase)).ToList();
        if (named is [var only])
        {
            return only;
        }

        if (named.Count > 1)
        {
            throw new InvalidRequestException(
                ErrorIds.AmbiguousVm,
                $"{named.Count} VMs of node {host.Proxmox.Node} are named {name}: "
                    + $"{string.Join(", ", named.Select(v => v.Id))}",
                $"name one by its number: {named[0].Id}", name);
        }

        foreach (var (vm, node) in host.Proxmox.GetVmsElsewhere())
        {
            if (string.Equals(NameOf(host, vm, node), name, StringComparison.OrdinalIgnoreCase))
            {
                throw OnOtherNode($"VM {vm} ({name})", node, vm);
            }
        }

        throw new ObjectNotFoundException(
            ErrorIds.VmNotFound, $"no VM named {name} is configured on node {host.Proxmox.Node}",
            "see the node's VMs: qm list", name);
    }

    private static ObjectNotFoundException OnOtherNode(string label, string node, VmId vm) => new(
        ErrorIds.VmNotFound, $"{label} is configured on node {node}, not on this one",
        $"run the command on that host, or move the VM here: qm migrate {vm} <this node>", vm.ToString());

    private static VmSubject? TryRead(HostPorts host, VmId vm)
    {
        try
        {
            return Read(host, vm);
        }
        catch (Exception e) when (e is ObjectNotFoundException or UnreadableDataException)
        {
            return null;
        }
    }

    private static string? NameOf(HostPorts host, VmId vm, string node)
    {
        try
        {
            return VmConfigReader.Read(host.Proxmox.ReadConfig(vm, node), PveGeneration.Pve9).Name;
        }
        catch (Exception e) when (e is ObjectNotFoundException or UnreadableDataException)
        {
            return null;
        }
    }
}
