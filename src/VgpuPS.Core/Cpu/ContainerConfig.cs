using VgpuPS.Core.Proxmox;

namespace VgpuPS.Core.Cpu;

/// <summary>A container of the node, as far as its CPUs go.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">Its host name; null without one.</param>
/// <param name="Cpus">CPUs that its configuration keeps it on; null where pvestatd spreads it over all.</param>
/// <remarks>
/// Source: facts/numa.md C5, C17. Assumed: the list is the line <c>lxc.cgroup2.cpuset.cpus</c> (or
/// <c>lxc.cgroup.cpuset.cpus</c>) before the first snapshot, and pvestatd leaves a container with one alone.
/// </remarks>
public sealed record ContainerConfig(VmId Id, string? Name, CpuSet? Cpus)
{
    /// <summary>Reads a configuration.</summary>
    /// <exception cref="UnreadableDataException">It has more than 1 MiB.</exception>
    public static ContainerConfig Read(VmId id, ReadOnlySpan<byte> raw)
    {
        string? name = null;
        CpuSet? cpus = null;
        foreach (var line in PveText.Lines(raw, $"the configuration of container {id}", PveText.MaxClusterFileBytes))
        {
            if (line.StartsWith('['))
            {
                break;
            }

            var parts = line.Split([':', '='], 2);
            var value = parts.Length == 2 ? PveText.Trim(parts[1]) : "";
            switch (PveText.Trim(parts[0]))
            {
                case "hostname":
                    name = value;
                    break;
                case "lxc.cgroup2.cpuset.cpus" or "lxc.cgroup.cpuset.cpus":
                    cpus = CpuSet.TryParse(value) ?? cpus;
                    break;
            }
        }

        return new ContainerConfig(id, name, cpus);
    }

    /// <summary>Its number and name.</summary>
    public override string ToString() => Name is null ? $"container {Id}" : $"container {Id} ({Name})";
}
