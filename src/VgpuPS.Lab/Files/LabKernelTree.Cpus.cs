namespace VgpuPS.Lab.Files;

internal sealed partial class LabKernelTree
{
    private LabCpus Cpus => State.Setup.Cpus;

    /// <summary><c>/sys/devices/system</c>: CPUs, caches, NUMA nodes.</summary>
    /// <remarks>Source: facts/numa.md C14 to C16; an offline CPU has no topology directory.</remarks>
    private LabTreeNode? FindSystem(string[] rest) => rest switch
    {
        [] => Folder("cpu", "node"),
        ["cpu"] => LabTreeNode.Folder(() => Cpus.Online.Concat(Cpus.Offline).Select(c => $"cpu{c}")
            .Concat(["isolated", "offline", "online", "present"])),
        ["cpu", "online"] => Text(List(Cpus.Online)),
        ["cpu", "offline"] => Text(List(Cpus.Offline)),
        ["cpu", "present"] => Text(List(Cpus.Online.Concat(Cpus.Offline))),
        ["cpu", "isolated"] => Text(Cpus.Isolated),
        ["cpu", var name, .. var inside] => Cpus.Online.FirstOrDefault(c => name == $"cpu{c}", -1) is var cpu and >= 0
            ? FindCpu(cpu, inside) : null,
        ["node"] => LabTreeNode.Folder(() => Nodes.Select(n => $"node{n}").Concat(["has_cpu", "has_memory", "online"])),
        ["node", "online" or "has_memory"] => Text(List(Nodes)),
        ["node", "has_cpu"] => Text(List(Nodes.Take(Cpus.NodeCount))),
        ["node", var name, .. var inside] => Nodes.FirstOrDefault(n => name == $"node{n}", -1) is var node and >= 0
            ? FindNode(node, inside) : null,
        _ => null,
    };

    private IEnumerable<int> Nodes => Enumerable.Range(0, Cpus.NodeCount + Cpus.MemoryNodes);

    private LabTreeNode? FindCpu(int cpu, string[] rest) => rest switch
    {
        [] => Folder("cache", "topology"),
        ["topology"] => Folder("physical_package_id", "thread_siblings_list"),
        ["topology", "physical_package_id"] => Text(Number(Cpus.SocketOf(cpu))),
        ["topology", "thread_siblings_list"] => Text(List(Cpus.SiblingsOf(cpu))),
        ["cache"] => Folder("index3"),
        ["cache", "index3"] => Folder("shared_cpu_list"),
        ["cache", "index3", "shared_cpu_list"] => Text(List(Cpus.CacheOf(cpu))),
        _ => null,
    };

    private LabTreeNode? FindNode(int node, string[] rest) => rest switch
    {
        [] => Folder("cpulist", "distance", "meminfo"),
        ["cpulist"] => Text(List(Cpus.Online.Where(c => Cpus.NodeOf(c) == node))),
        ["distance"] => Text(string.Join(' ', Nodes.Select(n => Number(Cpus.Distance(node, n))))),
        ["meminfo"] => Text(
            $"Node {node} MemTotal:       {Cpus.MemoryMiB * 1024} kB\n"
                + $"Node {node} MemFree:        {FreeMiB(node) * 1024} kB"),
        _ => null,
    };

    private long FreeMiB(int node) =>
        Math.Max(0, Cpus.MemoryMiB - State.Processes.Sum(p => p.MemoryMiB.GetValueOrDefault(node)));

    private int NodeOf(LabPciFunction function)
    {
        var index = State.Gpus.FindIndex(g => g == function.Gpu);
        return index < 0 ? 0 : Cpus.NodeOfGpu(index, State.Gpus.Count);
    }

    /// <summary>A list as the kernel prints it: <c>0-23,48-71</c>; nothing for none.</summary>
    private static string List(IEnumerable<int> numbers)
    {
        var runs = new List<(int First, int Last)>();
        foreach (var number in numbers.Order())
        {
            if (runs is [.., var last] && last.Last == number - 1)
            {
                runs[^1] = (last.First, number);
            }
            else
            {
                runs.Add((number, number));
            }
        }

        return string.Join(',', runs.Select(r => r.First == r.Last ? $"{r.First}" : $"{r.First}-{r.Last}"));
    }
}
