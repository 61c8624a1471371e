namespace VgpuPS.Core.Cpu;

/// <summary>How far from its GPU's NUMA node a VM's CPUs may be.</summary>
/// <remarks>Source: facts/numa.md C21, the policies of OpenStack's <c>hw:pci_numa_affinity_policy</c>.</remarks>
public enum AffinityPolicy
{
    /// <summary>The node where it has enough cores, else other nodes of its socket.</summary>
    Socket,

    /// <summary>The node only.</summary>
    Required,

    /// <summary>The node, then its socket, then any other.</summary>
    Preferred,
}

/// <summary>A VM that is to get cores next to its GPU.</summary>
/// <param name="Vm">The VM.</param>
/// <param name="VirtualCpus">How many CPUs it has.</param>
/// <param name="Node">NUMA node of its GPU; null where firmware does not say, then any node is as near.</param>
public sealed record AffinityRequest(VmId Vm, int VirtualCpus, int? Node);

/// <summary>The CPUs of a VM.</summary>
/// <param name="Vm">The VM.</param>
/// <param name="Cpus">Whole cores; none where not one is left for it.</param>
public sealed record AffinityChoice(VmId Vm, CpuSet Cpus);

/// <summary>
/// Chooses whole cores for VMs, next to their GPUs and apart from each other: a core each for as many threads as it
/// has, from one L3 group where one has room, the smallest that has. Where there are fewer cores than wanted they are
/// divided evenly; CPU 0's core is taken only where none is left over.
/// </summary>
/// <remarks>Source: facts/numa.md C20, C23; that interrupts prefer CPU 0 is assumed there.</remarks>
internal sealed class AffinityPlanner
{
    private readonly CpuTopology _topology;
    private readonly AffinityPolicy _policy;
    private readonly List<CpuCore> _free;

    private AffinityPlanner(CpuTopology topology, CpuSet taken, AffinityPolicy policy)
    {
        (_topology, _policy) = (topology, policy);
        _free = [.. topology.Cores.Where(c => !c.Threads.Any(t => taken.Contains(t) || topology.Isolated.Contains(t)))];
    }

    /// <summary>Chooses for some VMs at once; the answer is in their order.</summary>
    /// <param name="topology">The host.</param>
    /// <param name="requests">The VMs.</param>
    /// <param name="taken">CPUs that others are pinned to.</param>
    /// <param name="policy">How far they may be.</param>
    public static IReadOnlyList<AffinityChoice> Plan(
        CpuTopology topology, IReadOnlyList<AffinityRequest> requests, CpuSet taken, AffinityPolicy policy)
    {
        var planner = new AffinityPlanner(topology, taken, policy);
        var found = new Dictionary<VmId, CpuSet>();
        var rest = requests.GroupBy(r => r.Node).Where(g => !planner.TryAll([.. g], g.Key, isNear: true, found))
            .ToList();

        // Who has to leave the node does so after all have had theirs.
        foreach (var group in rest.Where(g => !planner.TryAll([.. g], g.Key, isNear: false, found)))
        {
            planner.Divide([.. group], group.Key, found);
        }

        return [.. requests.Select(r => new AffinityChoice(r.Vm, found.GetValueOrDefault(r.Vm, CpuSet.Empty)))];
    }

    /// <summary>The nodes that a policy allows a GPU's VMs, nearest first.</summary>
    /// <param name="topology">The host.</param>
    /// <param name="node">The GPU's node; null where it is not known.</param>
    /// <param name="policy">How far they may be.</param>
    public static IReadOnlyList<int> NodesOf(CpuTopology topology, int? node, AffinityPolicy policy)
    {
        var withCpus = topology.Nodes.Where(n => n.Cpus.Count > 0).ToList();
        if (node is null || topology.NodeAt(node.Value) is not { } own)
        {
            return [.. withCpus.Select(n => n.Number)];
        }

        // A node without CPUs has neighbours: the nearest stands for it.
        var ordered = withCpus.OrderBy(n => n.Number == own.Number ? 0 : 1)
            .ThenBy(n => own.Distances.GetValueOrDefault(n.Number, int.MaxValue)).ThenBy(n => n.Number).ToList();
        var near = ordered[0].Number;
        var sockets = topology.PackagesOf(near);
        return policy switch
        {
            AffinityPolicy.Required => [near],
            AffinityPolicy.Socket =>
                [.. ordered.Select(n => n.Number).Where(n => topology.PackagesOf(n).Intersect(sockets).Any())],
            _ =>
            [
                .. ordered.Select(n => n.Number)
                    .OrderBy(n => n == near ? 0 : topology.PackagesOf(n).Intersect(sockets).Any() ? 1 : 2),
            ],
        };
    }

    private bool TryAll(List<AffinityRequest> group, int? node, bool isNear, Dictionary<VmId, CpuSet> found)
    {
        var nodes = NodesOf(_topology, node, _policy);
        if (isNear && node is not null)
        {
            nodes = [.. nodes.Take(1)];
        }

        // To leave the GPU's node for CPU 0's sake would be the wrong way round.
        return (nodes.Count == 1 || node is null) && TryAll(group, nodes, withFirst: false, found)
            || TryAll(group, nodes, withFirst: true, found);
    }

    private bool TryAll(
        List<AffinityRequest> group, IReadOnlyList<int> nodes, bool withFirst, Dictionary<VmId, CpuSet> found)
    {
        var left = Allowed(nodes, withFirst);
        var chosen = new List<(VmId Vm, List<CpuCore> Cores)>();
        foreach (var request in group)
        {
            if (Find(left, nodes, request.VirtualCpus) is not { } cores)
            {
                return false;
            }

            left = [.. left.Except(cores)];
            chosen.Add((request.Vm, cores));
        }

        Keep(chosen, found);
        return true;
    }

    private List<CpuCore> Allowed(IReadOnlyList<int> nodes, bool withFirst) =>
        [.. _free.Where(c => nodes.Contains(c.Node) && (withFirst || !c.Threads.Contains(0)))];

    private void Keep(List<(VmId Vm, List<CpuCore> Cores)> chosen, Dictionary<VmId, CpuSet> found)
    {
        foreach (var (vm, cores) in chosen)
        {
            found[vm] = CpuSet.Of(cores.SelectMany(c => c.Threads));
            _free.RemoveAll(cores.Contains);
        }
    }

    /// <summary>One node that has all of it, else from node to node; null where there are too few.</summary>
    private static List<CpuCore>? Find(List<CpuCore> cores, IReadOnlyList<int> nodes, int threads)
    {
        var byNode = nodes.Select(n => cores.Where(c => c.Node == n).ToList()).ToList();
        if (byNode.FirstOrDefault(n => Threads(n) >= threads) is { } whole)
        {
            return Take(whole, threads);
        }

        var taken = new List<CpuCore>();
        foreach (var node in byNode)
        {
            var missing = threads - Threads(taken);
            if (missing > 0)
            {
                taken.AddRange(Threads(node) <= missing ? node : Take(node, missing));
            }
        }

        return Threads(taken) >= threads ? taken : null;
    }

    /// <summary>From the smallest L3 group that has enough; else the largest whole, and again.</summary>
    private static List<CpuCore> Take(List<CpuCore> cores, int threads)
    {
        var taken = new List<CpuCore>();
        var groups = cores.GroupBy(c => c.Cache).Select(g => g.ToList()).ToList();
        while (threads > 0 && groups.Count > 0)
        {
            var group = groups.Where(g => Threads(g) >= threads).MinBy(Threads) ?? groups.MaxBy(Threads)!;
            groups.Remove(group);
            foreach (var core in group.TakeWhile(_ => threads > 0))
            {
                taken.Add(core);
                threads -= core.Threads.Count;
            }
        }

        return taken;
    }

    /// <summary>Fewer cores than wanted: as many for each, none for anybody where there is not one for each.</summary>
    private void Divide(List<AffinityRequest> group, int? node, Dictionary<VmId, CpuSet> found)
    {
        var nodes = NodesOf(_topology, node, _policy);
        var cores = Allowed(nodes, withFirst: true);
        if (cores.Count < group.Count)
        {
            return;
        }

        if (cores.Count % group.Count > 0 && cores.Count > group.Count)
        {
            cores = Allowed(nodes, withFirst: false);
        }

        var chosen = new List<(VmId Vm, List<CpuCore> Cores)>();
        var (open, each) = (group.Count, cores.Count / group.Count);
        foreach (var request in group.OrderBy(r => r.VirtualCpus).ThenBy(r => r.Vm))
        {
            // Who wants less than his share leaves the rest to those who want more.
            var share = Threads([.. cores.Take(each)]);
            if (request.VirtualCpus < share && open > 1)
            {
                var used = (request.VirtualCpus + cores[0].Threads.Count - 1) / cores[0].Threads.Count;
                each = (cores.Count - used) / (open - 1);
            }

            open--;
            var own = Find(cores, nodes, Math.Min(share, request.VirtualCpus))!;
            cores = [.. cores.Except(own)];
            chosen.Add((request.Vm, own));
        }

        Keep(chosen, found);
    }

    private static int Threads(List<CpuCore> cores) => cores.Sum(c => c.Threads.Count);
}
