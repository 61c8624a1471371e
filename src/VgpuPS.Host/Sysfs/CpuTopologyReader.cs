using VgpuPS.Core.Cpu;

namespace VgpuPS.Host.Sysfs;

/// <summary>Reads processors, caches, NUMA nodes, and where QEMU processes run.</summary>
/// <param name="files">The host's files.</param>
/// <remarks>Source: facts/numa.md C14 to C17. Nothing is computed: siblings and nodes are what the kernel
/// says.</remarks>
public sealed class CpuTopologyReader(IHostFiles files)
{
    private const string Cpus = "/sys/devices/system/cpu";
    private const string Nodes = "/sys/devices/system/node";
    private const int MapsLimit = 64 << 20;

    private readonly SysfsReader _reader = new(files);

    /// <summary>The host; one without NUMA has node 0 with all.</summary>
    /// <exception cref="UnreadableDataException">The kernel says what cannot be read.</exception>
    public CpuTopology Read()
    {
        var online = ReadList($"{Cpus}/online") ?? CpuSet.Empty;
        var numbers = ReadList($"{Nodes}/online") ?? CpuSet.Empty;
        List<NumaNode> nodes = numbers.Count == 0
            ? [new NumaNode(0, online, 0, 0, new Dictionary<int, int> { [0] = 10 })]
            : [.. numbers.Select(n => ReadNode(n, numbers))];
        return new CpuTopology(
            [.. online.Select(c => ReadCpu(c, nodes))], nodes, ReadList($"{Cpus}/isolated") ?? CpuSet.Empty,
            ReadList($"{Cpus}/offline") ?? CpuSet.Empty);
    }

    /// <summary>Memory that can be had without swapping, in MiB; null where the kernel does not say.</summary>
    /// <remarks>Source: proc_meminfo(5), MemAvailable.</remarks>
    public long? ReadAvailableMiB()
    {
        var line = (_reader.ReadText("/proc/meminfo") ?? "").Split('\n')
            .FirstOrDefault(l => l.StartsWith("MemAvailable:", StringComparison.Ordinal));
        return long.TryParse(
            line?.Split(' ', StringSplitOptions.RemoveEmptyEntries).ElementAtOrDefault(1), NumberStyles.None,
            CultureInfo.InvariantCulture, out var kib) ? kib / 1024 : null;
    }

    /// <summary>CPUs that a process may run on, over all its threads; null where it has ended.</summary>
    /// <param name="pid">The process.</param>
    public CpuSet? ReadAllowed(int pid)
    {
        var cpus = CpuSet.Empty;
        foreach (var thread in _reader.List(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/task")))
        {
            var status = _reader.ReadText(
                string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/task/{thread}/status"));
            var line = status?.Split('\n').FirstOrDefault(
                l => l.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal));
            cpus = cpus.Union(CpuSet.TryParse(line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? "")
                ?? CpuSet.Empty);
        }

        return cpus.Count == 0 ? null : cpus;
    }

    /// <summary>Memory of a process in MiB by NUMA node, ascending; empty where it cannot be read.</summary>
    /// <param name="pid">The process.</param>
    /// <remarks>Source: numa_maps in proc(5): <c>N0=…</c> counts pages of <c>kernelpagesize_kB</c>.</remarks>
    public IReadOnlyDictionary<int, long> ReadMemory(int pid)
    {
        var sums = new SortedDictionary<int, long>();
        string text;
        try
        {
            text = System.Text.Encoding.ASCII.GetString(files.Read(
                string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/numa_maps"), MapsLimit));
        }
        catch (HostFileException)
        {
            return sums;
        }

        foreach (var words in text.Split('\n').Select(l => l.Split(' ')))
        {
            var page = words.FirstOrDefault(w => w.StartsWith("kernelpagesize_kB=", StringComparison.Ordinal));
            var size = Number(page?[(page.IndexOf('=', StringComparison.Ordinal) + 1)..]) ?? 4;
            foreach (var word in words.Where(w => w.Length > 3 && w[0] == 'N' && char.IsAsciiDigit(w[1])))
            {
                if (word[1..].Split('=') is [var node, var pages] && Number(node) is { } n
                    && Number(pages) is { } count)
                {
                    sums[(int)n] = sums.GetValueOrDefault((int)n) + (count * size);
                }
            }
        }

        return new SortedDictionary<int, long>(sums.ToDictionary(s => s.Key, s => s.Value / 1024));
    }

    private NumaNode ReadNode(int number, CpuSet all)
    {
        var folder = string.Create(CultureInfo.InvariantCulture, $"{Nodes}/node{number}");
        var distances = (_reader.ReadText($"{folder}/distance") ?? "")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(d => (int)(Number(d) ?? int.MaxValue));
        var memory = (_reader.ReadText($"{folder}/meminfo") ?? "").Split('\n');
        return new NumaNode(
            number, ReadList($"{folder}/cpulist") ?? CpuSet.Empty, Mib("MemTotal:"), Mib("MemFree:"),
            all.Zip(distances).ToDictionary(d => d.First, d => d.Second));

        long Mib(string name) => memory.Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(w => w.Length >= 4 && w[2] == name).Select(w => (Number(w[3]) ?? 0) / 1024).FirstOrDefault();
    }

    private LogicalCpu ReadCpu(int cpu, List<NumaNode> nodes)
    {
        var folder = string.Create(CultureInfo.InvariantCulture, $"{Cpus}/cpu{cpu}");
        var siblings = ReadList($"{folder}/topology/thread_siblings_list");
        var cache = ReadList($"{folder}/cache/index3/shared_cpu_list");
        var node = nodes.FirstOrDefault(n => n.Cpus.Contains(cpu))?.Number ?? nodes[0].Number;
        var package = _reader.ReadNumber($"{folder}/topology/physical_package_id") ?? 0;

        // Without an L3 cache, or where it is not told, a node's cores are one group.
        return new LogicalCpu(
            cpu, siblings?.FirstOrDefault() ?? cpu, cache?.FirstOrDefault() ?? -1 - node, package, node);
    }

    private CpuSet? ReadList(string path)
    {
        var text = _reader.ReadText(path);
        return string.IsNullOrEmpty(text) ? null
            : CpuSet.TryParse(text) ?? throw SysfsReader.Unreadable(path, text, "a list of numbers");
    }

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
