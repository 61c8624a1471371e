using VgpuPS.Core.Cpu;
using VgpuPS.Core.Rows;
using VgpuPS.Core.Settings;

namespace VgpuPS.Host.Operations.Affinity;

/// <summary>Reads where VMs with vGPUs run and where their GPUs are.</summary>
internal sealed class AffinityReader(HostPorts host, HookSettings settings)
{
    private readonly Lazy<CpuTopology> _topology = new(host.Cpus.Read);
    private readonly VmGpus _gpus = new(host);

    /// <summary>All VMs of the node that have a vGPU at their next start, ascending.</summary>
    public IReadOnlyList<VmVgpuAffinityInfo> Read() =>
        [.. host.Proxmox.GetVms().Order().Select(Read).OfType<VmVgpuAffinityInfo>()];

    /// <summary>vGPU entries of a VM at its next start.</summary>
    public static IReadOnlyList<HostPciEntry> EntriesOf(VmSubject vm, HookSettings settings) =>
        [.. vm.Config.NextHostPci.Where(e => VgpuEntries.TryGetType(e, vm.Id, settings, out _))];

    private VmVgpuAffinityInfo? Read(VmId id)
    {
        VmSubject vm;
        try
        {
            vm = VmFinder.Read(host, id);
        }
        catch (Exception e) when (e is ObjectNotFoundException or UnreadableDataException)
        {
            return null;
        }

        var entries = EntriesOf(vm, settings);
        return entries.Count == 0 ? null : Describe(vm, _gpus.Of(entries));
    }

    private VmVgpuAffinityInfo Describe(VmSubject vm, IReadOnlyList<PhysicalFunction> gpus)
    {
        var numa = VmNuma.Read(vm.Config);
        var nodes = gpus.Select(g => g.NumaNode).OfType<int>().Distinct().Order().ToList();
        var near = CpuSet.UnionOf(nodes.Select(n => _topology.Value.NodeAt(n)?.Cpus ?? CpuSet.Empty));
        var (verdict, reason) = Judge(numa, nodes, near);
        var pid = vm.IsRunning ? host.Proxmox.PidOf(vm.Id) : null;
        var (memory, memoryNodes) = MemoryOf(numa);
        return new VmVgpuAffinityInfo
        {
            VmId = vm.Id.Value,
            VmName = vm.Config.Name,
            GpuAddress = [.. gpus.Select(g => g.Address.ToString())],
            GpuNode = nodes,
            NearCpus = near.ToString(),
            VirtualCpus = numa.VirtualCpus,
            MemoryMiB = numa.MemoryMiB,
            Affinity = numa.Affinity,
            Memory = memory.ToString(),
            MemoryNode = memoryNodes,
            IsRunning = vm.IsRunning,
            RunningCpus = pid is { } running ? host.Cpus.ReadAllowed(running)?.ToString() : null,
            RunningMemory = pid is { } holder
                ? [.. host.Cpus.ReadMemory(holder).Select(m => string.Create(
                    CultureInfo.InvariantCulture, $"{m.Key}:{m.Value}"))]
                : [],
            Verdict = verdict,
            Reason = reason,
        };
    }

    private static (MemoryPolicy Policy, IReadOnlyList<int> Nodes) MemoryOf(VmNuma numa)
    {
        if (!numa.HasNuma)
        {
            return (MemoryPolicy.None, []);
        }

        var nodes = CpuSet.UnionOf(numa.Nodes.Values.Select(VmNuma.HostNodes).OfType<CpuSet>());
        var isBound = numa.Nodes.Values.Any(l => VmNuma.Property(l, "policy") == "bind");
        return (nodes.Count == 0 ? MemoryPolicy.None : isBound ? MemoryPolicy.Bind : MemoryPolicy.Preferred,
            [.. nodes]);
    }

    private (string Verdict, string Reason) Judge(VmNuma numa, IReadOnlyList<int> nodes, CpuSet near)
    {
        if (numa.Affinity is null)
        {
            return ("Unpinned", "it runs on any CPU of the host");
        }

        if (numa.Cpus is not { } cpus)
        {
            return ("Unknown", $"affinity {numa.Affinity} is no list of CPUs");
        }

        var usable = cpus.Intersect(_topology.Value.Online);
        var missing = cpus.Except(_topology.Value.Online);
        var note = missing.Count > 0 ? $"; CPUs {missing} are not there or offline" : "";
        if (nodes.Count == 0)
        {
            return ("Unknown", $"firmware does not say which node its GPU is near{note}");
        }

        var at = _topology.Value.NodesOf(usable);
        var sockets = nodes.SelectMany(_topology.Value.PackagesOf).ToHashSet();
        var verdict = usable.Count == 0 ? "Unknown" : usable.IsSubsetOf(near) ? "Near"
            : at.SelectMany(_topology.Value.PackagesOf).All(sockets.Contains) ? "Socket" : "Far";
        return (verdict, $"CPUs of node {string.Join(", ", at)}, GPU on node {string.Join(", ", nodes)}{note}");
    }
}
