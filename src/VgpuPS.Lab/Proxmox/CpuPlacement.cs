namespace VgpuPS.Lab.Proxmox;

/// <summary>What Proxmox checks and writes at a start for <c>affinity</c>, <c>numa</c> and <c>numaN</c>.</summary>
/// <remarks>Source: facts/numa.md C1, C2, C6 to C9. Assumed: the texts where none is quoted there.</remarks>
internal static class CpuPlacement
{
    private const string Nodes = "/sys/devices/system/node";

    /// <summary>What comes before QEMU's own arguments.</summary>
    /// <exception cref="ProxmoxFailure">The start ends.</exception>
    public static IReadOnlyList<string> Prefix(VmConfig config) => config.Main["affinity"] is { } list
        ? ["/usr/bin/taskset", "--cpu-list", "--all-tasks", list] : [];

    /// <summary>Memory and NUMA nodes of the guest.</summary>
    /// <exception cref="ProxmoxFailure">The start ends.</exception>
    public static IReadOnlyList<string> Arguments(ILabMachine machine, VmConfig config)
    {
        var memory = config.MemoryMiB ?? 512;
        var vcpus = Number(config.Main["sockets"]) * Number(config.Main["cores"]);
        const string Online = "/sys/devices/system/cpu/online";
        var online = machine.Files.GetInfo(Online) is null ? vcpus : Ranges(Read(machine, Online)).Count;
        if (vcpus > online)
        {
            throw new ProxmoxFailure($"MAX {online} vcpus allowed per VM on this node");
        }

        List<string> arguments = ["-m", memory.ToString(CultureInfo.InvariantCulture)];
        if (config.Main["numa"] != "1")
        {
            return config.Main["hugepages"] is null ? arguments
                : throw new ProxmoxFailure("numa needs to be enabled to use hugepages");
        }

        long sum = 0;
        var entries = Enumerable.Range(0, 8).Where(n => config.Main[$"numa{n}"] is not null).ToList();
        foreach (var entry in entries)
        {
            var properties = config.Main[$"numa{entry}"]!.Split(',').Select(p => p.Split('=', 2))
                .Where(p => p.Length == 2).ToDictionary(p => p[0].Trim(), p => p[1].Trim(), StringComparer.Ordinal);
            sum += Check(machine, config, entry, properties);
            arguments.AddRange(["-object", $"memory-backend-ram,id=ram-node{entry},size={properties["memory"]}M"
                + (properties.TryGetValue("hostnodes", out var nodes)
                    ? $",host-nodes={nodes.Replace(';', ':')},policy={properties["policy"]}" : "")]);
        }

        if (entries.Count > 0 && config.Main["hotplug"]?.Split([',', ';', ' ']).Contains("memory") == true)
        {
            throw new ProxmoxFailure("cannot enable memory hotplugging with custom NUMA topology");
        }

        return entries.Count == 0 || sum == memory ? arguments
            : throw new ProxmoxFailure("total memory for NUMA nodes must be equal to vm static memory");
    }

    /// <summary>CPUs of a list that exist; null where taskset cannot read it or none exists.</summary>
    /// <remarks>Source: facts/numa.md C1, C2: blanks are not read, absent CPUs beside usable ones are left
    /// out.</remarks>
    public static IReadOnlyList<int>? Usable(string list, IEnumerable<int> online)
    {
        if (list.Contains(' ', StringComparison.Ordinal))
        {
            return null;
        }

        var usable = Ranges(list).Intersect(online).Order().ToList();
        return usable.Count == 0 ? null : usable;
    }

    /// <summary>Numbers of a list: <c>0-5,48-53</c>, or with semicolons or colons.</summary>
    public static IReadOnlyList<int> Ranges(string list) =>
    [
        .. list.Split([',', ';', ':'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(p => p.Split('-')).SelectMany(p => Enumerable.Range(
                Number(p[0]), Number(p[^1]) - Number(p[0]) + 1)),
    ];

    private static long Check(
        ILabMachine machine, VmConfig config, int entry, Dictionary<string, string> properties)
    {
        if (!properties.TryGetValue("memory", out var memory))
        {
            throw new ProxmoxFailure($"missing NUMA node{entry} memory value");
        }

        if (!properties.ContainsKey("cpus"))
        {
            throw new ProxmoxFailure($"missing NUMA node{entry} cpus value");
        }

        if (properties.TryGetValue("hostnodes", out var nodes))
        {
            if (!properties.ContainsKey("policy"))
            {
                throw new ProxmoxFailure($"you need to define a policy for hostnode {nodes}");
            }

            foreach (var node in Ranges(nodes))
            {
                if (machine.Files.GetInfo($"{Nodes}/node{node}") is null)
                {
                    throw new ProxmoxFailure($"host NUMA node{node} doesn't exist");
                }
            }
        }

        if (config.Main["hugepages"] is not { } pages)
        {
            return Number(memory);
        }

        var size = pages == "1024" ? 1024 : 2;
        return nodes is not [>= '0' and <= '9']
            ? throw new ProxmoxFailure("hugepages need exactly one host node for each NUMA node")
            : Number(memory) % size == 0 ? Number(memory)
            : throw new ProxmoxFailure(
                $"Memory size {memory} is not a multiple of the requested hugepages size {size}");
    }

    private static string Read(ILabMachine machine, string path) =>
        Encoding.ASCII.GetString(machine.Files.Read(path, PvePaths.ReadLimit)).Trim();

    private static int Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 1;
}
