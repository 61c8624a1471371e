using VgpuPS.Core.Cpu;

namespace VgpuPS.Host.Operations.Affinity;

/// <summary>Who is pinned to which CPUs of the node: nobody registers it, so all configurations are read.</summary>
/// <remarks>Source: facts/numa.md C17.</remarks>
internal sealed class CpuHolders(HostPorts host)
{
    /// <summary>VMs of the node but for some, then containers with a list of their own, each ascending.</summary>
    /// <param name="own">VMs that are left out.</param>
    public IReadOnlyList<CpuHolder> Read(HashSet<VmId> own)
    {
        var found = new List<CpuHolder>();
        foreach (var vm in host.Proxmox.GetVms().Where(v => !own.Contains(v)))
        {
            try
            {
                if (PinsOf(VmFinder.Read(host, vm)) is { Count: > 0 } cpus)
                {
                    found.Add(new CpuHolder($"VM {vm}", cpus, $"move that VM: Set-VmVgpuAffinity {vm}"));
                }
            }
            catch (Exception e) when (e is ObjectNotFoundException or UnreadableDataException)
            {
                host.Warn($"VM {vm} cannot be read, and the CPUs it may be pinned to are not known: {e.Message}");
            }
        }

        return
        [
            .. found,
            .. from container in host.Proxmox.ReadContainers()
               where container.Cpus is not null
               select new CpuHolder(
                   container.ToString(), container.Cpus!,
                   $"give it other ones (lxc.cgroup2.cpuset.cpus in /etc/pve/lxc/{container.Id}.conf), then: "
                       + $"pct reboot {container.Id}"),
        ];
    }

    /// <summary>What a VM is pinned to at its next start, and what it runs on until then.</summary>
    private static CpuSet PinsOf(VmSubject vm)
    {
        var next = VmNuma.Read(vm.Config).Cpus ?? CpuSet.Empty;
        return vm.IsRunning && vm.Config.Main["affinity"] is { } now ? next.Union(CpuSet.TryParse(now) ?? next) : next;
    }
}

/// <summary>A VM or container and the CPUs that it is pinned to.</summary>
/// <param name="Name">What it is, for display.</param>
/// <param name="Cpus">Its CPUs.</param>
/// <param name="ToMove">How it is moved, after "or".</param>
internal sealed record CpuHolder(string Name, CpuSet Cpus, string ToMove);
