namespace VgpuPS.Core.Cpu;

/// <summary>The processors and memory of a host, as its kernel describes them.</summary>
/// <param name="Cpus">Online CPUs, ascending.</param>
/// <param name="Nodes">NUMA nodes, ascending; at least one.</param>
/// <param name="Isolated">CPUs between which the scheduler does not balance (<c>isolcpus=</c>).</param>
/// <param name="Offline">CPUs that are there and switched off.</param>
/// <remarks>Source: facts/numa.md C13 to C16; read, never computed.</remarks>
public sealed record CpuTopology(
    IReadOnlyList<LogicalCpu> Cpus, IReadOnlyList<NumaNode> Nodes, CpuSet Isolated, CpuSet Offline)
{
    /// <summary>Numbers of the online CPUs.</summary>
    public CpuSet Online { get; } = CpuSet.Of(Cpus.Select(c => c.Id));

    /// <summary>Whole cores, each by its online threads, in the order of their lowest CPU.</summary>
    public IReadOnlyList<CpuCore> Cores { get; } =
    [
        .. Cpus.GroupBy(c => c.Core).OrderBy(c => c.Key).Select(c => new CpuCore(
            CpuSet.Of(c.Select(t => t.Id)), c.First().Cache, c.First().Package, c.First().Node)),
    ];

    /// <summary>A node; null for none of that number.</summary>
    public NumaNode? NodeAt(int number) => Nodes.FirstOrDefault(n => n.Number == number);

    /// <summary>Sockets that have CPUs of a node.</summary>
    public IReadOnlyList<int> PackagesOf(int node) =>
        [.. Cpus.Where(c => c.Node == node).Select(c => c.Package).Distinct().Order()];

    /// <summary>The nodes of some CPUs, ascending.</summary>
    public IReadOnlyList<int> NodesOf(CpuSet cpus) =>
        [.. Cpus.Where(c => cpus.Contains(c.Id)).Select(c => c.Node).Distinct().Order()];
}

/// <summary>A CPU as the scheduler counts: a thread of a core.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Core">Lowest number among the threads of its core, which names the core.</param>
/// <param name="Cache">Lowest number among those that share its L3 cache, which names the group.</param>
/// <param name="Package">Its socket.</param>
/// <param name="Node">Its NUMA node.</param>
/// <remarks>Source: facts/numa.md C15: core_id is unique within a package only, so siblings name the core.</remarks>
public sealed record LogicalCpu(int Id, int Core, int Cache, int Package, int Node);

/// <summary>A core with all its online threads.</summary>
/// <param name="Threads">Their CPUs.</param>
/// <param name="Cache">Its L3 group.</param>
/// <param name="Package">Its socket.</param>
/// <param name="Node">Its NUMA node.</param>
public sealed record CpuCore(CpuSet Threads, int Cache, int Package, int Node);

/// <summary>A NUMA node; it may have no CPUs, or no memory.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Cpus">Its CPUs.</param>
/// <param name="MemoryMiB">Its memory in MiB; 0 for none.</param>
/// <param name="FreeMiB">How much of it is free, in MiB.</param>
/// <param name="Distances">Distance to each node by number; 10 is itself.</param>
/// <remarks>Source: facts/numa.md C14, C18: distances are firmware's claim.</remarks>
public sealed record NumaNode(
    int Number, CpuSet Cpus, long MemoryMiB, long FreeMiB, IReadOnlyDictionary<int, int> Distances);
