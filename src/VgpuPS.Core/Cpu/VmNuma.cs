using VgpuPS.Core.Proxmox;

namespace VgpuPS.Core.Cpu;

/// <summary>How a VM's memory is kept near its GPU.</summary>
public enum MemoryPolicy
{
    /// <summary>Not: it lies where the CPUs are as long as their node has some.</summary>
    None,

    /// <summary>Near as long as there is some, else elsewhere.</summary>
    Preferred,

    /// <summary>Near, or the VM does not start.</summary>
    Bind,
}

/// <summary>What a VM's configuration says about CPUs and memory of the host.</summary>
/// <param name="VirtualCpus">Sockets times cores.</param>
/// <param name="MemoryMiB">Memory in MiB.</param>
/// <param name="Affinity">Text of <c>affinity</c>; null for none.</param>
/// <param name="Nodes">Its <c>numaN</c> lines by key, ascending.</param>
/// <param name="HasNuma">Whether <c>numa</c> is on.</param>
/// <param name="HugePages">Value of <c>hugepages</c>; null for none.</param>
/// <remarks>Source: facts/numa.md C1, C6 to C9; defaults of qm.conf: one socket, one core, 512 MiB.</remarks>
internal sealed record VmNuma(
    int VirtualCpus, long MemoryMiB, string? Affinity, IReadOnlyDictionary<string, string> Nodes, bool HasNuma,
    string? HugePages)
{
    private const int MostNodes = 8;

    /// <summary>CPUs of <see cref="Affinity"/>; null where there is none or it cannot be read.</summary>
    public CpuSet? Cpus => Affinity is null ? null : CpuSet.TryParse(Affinity);

    /// <summary>Whether memory can be added while it runs, with which no VM with <c>numaN</c> lines starts.</summary>
    /// <remarks>Source: facts/numa.md C8.</remarks>
    public bool HasMemoryHotplug => Hotplug.Contains("memory");

    /// <summary>What can be added while it runs, as far as <c>hotplug</c> names it.</summary>
    public IReadOnlyList<string> Hotplug { get; private init; } = [];

    /// <summary>Size of huge pages that divides its memory or the start fails, in MiB; null for none.</summary>
    /// <remarks>Source: facts/numa.md C9; that <c>any</c> takes pages of 2 MiB where those of 1024 MiB do not divide
    /// the memory is assumed (PVE::QemuServer::Memory, hugepages_size).</remarks>
    public int? PageMiB => HugePages switch { null => null, "1024" => 1024, _ => 2 };

    /// <summary>Reads what holds at the next cold start.</summary>
    public static VmNuma Read(VmConfig config) => new(
        Number(config, "sockets") * Number(config, "cores"),
        Memory(config.NextValue("memory")) ?? 512,
        config.NextValue("affinity"),
        new SortedDictionary<string, string>(
            Enumerable.Range(0, MostNodes).Select(n => string.Create(CultureInfo.InvariantCulture, $"numa{n}"))
                .Where(k => config.NextValue(k) is not null).ToDictionary(k => k, k => config.NextValue(k)!),
            StringComparer.Ordinal),
        config.NextValue("numa") == "1",
        config.NextValue("hugepages"))
    {
        Hotplug = [.. (config.NextValue("hotplug") ?? "").Split(
            [',', ';', ' '], StringSplitOptions.RemoveEmptyEntries)],
    };

    /// <summary>The one line that keeps all memory on some nodes.</summary>
    /// <param name="nodes">The host's nodes, ascending; at least one.</param>
    /// <param name="policy">Bind or Preferred.</param>
    /// <remarks>Source: facts/numa.md C8: memory must be the VM's, hostnodes needs policy, cpus are the
    /// guest's.</remarks>
    public string Line(IReadOnlyList<int> nodes, MemoryPolicy policy)
    {
        var last = VirtualCpus - 1;
        var cpus = last == 0 ? "0" : string.Create(CultureInfo.InvariantCulture, $"0-{last}");
        var names = CpuSet.Of(nodes).ToString().Replace(',', ';');
        var word = policy == MemoryPolicy.Bind ? "bind" : "preferred";
        return string.Create(
            CultureInfo.InvariantCulture, $"cpus={cpus},hostnodes={names},memory={MemoryMiB},policy={word}");
    }

    /// <summary>A property of a <c>numaN</c> line; null for none.</summary>
    public static string? Property(string line, string name) =>
        line.Split(',').Select(p => p.Trim().Split('=', 2)).FirstOrDefault(p => p is [var key, _] && key == name)?[1];

    /// <summary>Nodes of the host that a line names; null for none, or where they cannot be read.</summary>
    public static CpuSet? HostNodes(string line) =>
        Property(line, "hostnodes") is { } text ? CpuSet.TryParse(text.Replace(';', ',')) : null;

    /// <remarks>Source: assumed, as <see cref="VmConfig.MemoryMiB"/>: the number alone or <c>current=</c>.</remarks>
    private static long? Memory(string? text) => long.TryParse(
        text is null || !text.Contains('=', StringComparison.Ordinal) ? text : Property(text, "current"),
        NumberStyles.None, CultureInfo.InvariantCulture, out var mib) ? mib : null;

    private static int Number(VmConfig config, string key) =>
        int.TryParse(config.NextValue(key), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number > 0 ? number : 1;
}
