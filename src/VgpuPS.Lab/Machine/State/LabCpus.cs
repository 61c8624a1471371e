namespace VgpuPS.Lab.Machine;

/// <summary>Processors and memory of the simulated machine.</summary>
/// <remarks>
/// Source: facts/numa.md C14 to C18. Assumed: threads are numbered after all cores, as on the machine of C20.
/// </remarks>
public sealed class LabCpus
{
    /// <summary>Sockets.</summary>
    public int Sockets { get; set; } = 1;

    /// <summary>Cores of a socket.</summary>
    public int Cores { get; set; } = 24;

    /// <summary>Threads of a core.</summary>
    public int Threads { get; set; } = 2;

    /// <summary>NUMA nodes of a socket: NPS of AMD, sub-NUMA clusters of Intel.</summary>
    public int NodesPerSocket { get; set; } = 1;

    /// <summary>Cores that share an L3 cache; 0 for all of a node.</summary>
    public int CoresPerCache { get; set; }

    /// <summary>Memory of a node in MiB.</summary>
    public long MemoryMiB { get; set; } = 524_288;

    /// <summary>Further nodes that have memory and no CPUs.</summary>
    public int MemoryNodes { get; set; }

    /// <summary>Whether the second threads are switched off.</summary>
    public bool SmtIsOff { get; set; }

    /// <summary>Whether firmware does not say which node a device is near.</summary>
    public bool DevicesHaveNoNode { get; set; }

    /// <summary>What <c>isolcpus=</c> names.</summary>
    public string Isolated { get; set; } = "";

    /// <summary>Nodes that have CPUs.</summary>
    public int NodeCount => Sockets * NodesPerSocket;

    /// <summary>Numbers of the online CPUs, ascending.</summary>
    public IEnumerable<int> Online => Enumerable.Range(0, AllCores * (SmtIsOff ? 1 : Threads));

    /// <summary>Numbers of the CPUs that are switched off, ascending.</summary>
    public IEnumerable<int> Offline =>
        SmtIsOff ? Enumerable.Range(AllCores, AllCores * (Threads - 1)) : [];

    private int AllCores => Sockets * Cores;

    /// <summary>
    /// Reads <c>2x24x2</c> (sockets, cores of each, threads of each), and after commas <c>nps=4</c>, <c>l3=8</c>,
    /// <c>memory=65536</c> (MiB of a node), <c>memory-nodes=1</c>, <c>smt=off</c>, <c>numa=unknown</c>,
    /// <c>isolated=4-7+52-55</c>.
    /// </summary>
    /// <exception cref="FormatException">The text is none; the message says which part.</exception>
    public static LabCpus Parse(string text)
    {
        var parts = text.Split(',');
        var shape = parts[0].Split('x');
        if (shape.Length != 3)
        {
            throw new FormatException($"'{parts[0]}' is not sockets x cores x threads, such as 2x24x2");
        }

        var cpus = new LabCpus
        {
            Sockets = Number(shape[0], 8),
            Cores = Number(shape[1], 256),
            Threads = Number(shape[2], 2),
        };
        foreach (var part in parts.Skip(1))
        {
            cpus.Apply(part);
        }

        if (cpus.Cores % cpus.NodesPerSocket != 0)
        {
            throw new FormatException($"{cpus.Cores} cores of a socket are not {cpus.NodesPerSocket} equal nodes");
        }

        return cpus;
    }

    /// <summary>Node of a CPU.</summary>
    public int NodeOf(int cpu) => CoreOf(cpu) / (Cores / NodesPerSocket);

    /// <summary>Socket of a CPU.</summary>
    public int SocketOf(int cpu) => CoreOf(cpu) / Cores;

    /// <summary>Online threads of a CPU's core.</summary>
    public IEnumerable<int> SiblingsOf(int cpu) => Online.Where(c => CoreOf(c) == CoreOf(cpu));

    /// <summary>Online CPUs that share a CPU's L3 cache.</summary>
    public IEnumerable<int> CacheOf(int cpu)
    {
        var size = CoresPerCache == 0 ? Cores / NodesPerSocket : CoresPerCache;
        return Online.Where(c => CoreOf(c) / size == CoreOf(cpu) / size);
    }

    /// <summary>Node of a GPU: they are spread over sockets, then over a socket's nodes; -1 where that is not
    /// said.</summary>
    /// <param name="index">Its place among the GPUs.</param>
    /// <param name="count">How many GPUs there are.</param>
    public int NodeOfGpu(int index, int count)
    {
        var socket = index * Sockets / Math.Max(count, Sockets);
        var first = ((socket * Math.Max(count, Sockets)) + Sockets - 1) / Sockets;
        return DevicesHaveNoNode ? -1 : (socket * NodesPerSocket) + ((index - first) % NodesPerSocket);
    }

    /// <summary>Distance between two nodes, as firmware claims it.</summary>
    public int Distance(int from, int to) => from == to ? 10
        : from >= NodeCount || to >= NodeCount ? 17
        : from / NodesPerSocket == to / NodesPerSocket ? 12 : 32;

    private int CoreOf(int cpu) => cpu % AllCores;

    private void Apply(string part)
    {
        switch (part.Split('='))
        {
            case ["nps", var nodes]:
                NodesPerSocket = Number(nodes, 8);
                break;
            case ["l3", var cores]:
                CoresPerCache = Number(cores, 256);
                break;
            case ["memory", var mib]:
                MemoryMiB = Number(mib, 1 << 30);
                break;
            case ["memory-nodes", var nodes]:
                MemoryNodes = Number(nodes, 8);
                break;
            case ["smt", "off"]:
                SmtIsOff = true;
                break;
            case ["numa", "unknown"]:
                DevicesHaveNoNode = true;
                break;
            case ["isolated", var list]:
                Isolated = list.Replace('+', ',');
                break;
            default:
                throw new FormatException(
                    $"'{part}' is not known (nps=4, l3=8, memory=65536, memory-nodes=1, smt=off, numa=unknown, "
                        + "isolated=4-7+52-55)");
        }
    }

    private static int Number(string text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1
        && number <= most
            ? number
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"'{text}' is not 1 to {most}"));
}
