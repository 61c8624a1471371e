using VgpuPS.Core.Cpu;
using VgpuPS.Core.Rows;
using static VgpuPS.Host.Operations.Doctor.CheckOutcome;

namespace VgpuPS.Host.Operations.Doctor.Checks;

/// <summary>CPUs and memory of VMs with vGPUs: whether they start so, and near their GPUs.</summary>
/// <remarks>Source: facts/numa.md C1, C2, C5, C8, C16. Proxmox looks at none of it before the start.</remarks>
internal static class PlacingChecks
{
    private const string Area = "Placing";

    public static IEnumerable<HostCheck> All =>
    [
        new("AffinityUnusable", Area, "VMs with a vGPU can start with their affinity", p => FailOf(
            [.. Pinned(p).Where(v => Unusable(v, p.Topology) is not null)
                .Select(v => $"VM {v.VmId}: affinity {v.Affinity} {Unusable(v, p.Topology)}")],
            "all can", "Proxmox takes the text as it is, and taskset refuses it at the start",
            Fix(p, v => Unusable(v, p.Topology) is not null))),
        new("AffinityCpuMissing", Area, "CPUs that VMs with a vGPU are pinned to are there", p => WarnOf(
            [.. Pinned(p).Where(v => Unusable(v, p.Topology) is null && Missing(v, p).Count > 0)
                .Select(v => $"VM {v.VmId}: {Missing(v, p)} of {v.Affinity}")],
            "all are", "they are offline, or the VM came from another host: it runs on fewer CPUs than it seems",
            Fix(p, v => Missing(v, p).Count > 0))),
        new("AffinityFar", Area, "VMs with a vGPU are pinned near their GPU", p => WarnOf(
            [.. Pinned(p).Where(v => v.Verdict == "Far").Select(v => $"VM {v.VmId}: {v.Reason}")],
            "all are", "each copy to and from the GPU crosses between sockets", Fix(p, v => v.Verdict == "Far"))),
        new("AffinityOverlaps", Area, "no two VMs with a vGPU are pinned to one CPU", p => WarnOf(
            Overlaps(p), "none are", "they take each other's time while other cores may be free",
            Pinned(p) is [.., var last]
                ? $"take one list off (qm set {last.VmId} --delete affinity), or have all pinned apart: "
                    + $"Set-VmVgpuAffinity {string.Join(',', Pinned(p).Select(v => v.VmId))}"
                : "")),
        new("AffinitySharedWithContainers", Area, "containers stay off the CPUs of pinned VMs with a vGPU", p => WarnOf(
            [.. Containers(p).Select(c => $"{c}: {c.Cpus?.Intersect(PinnedCpus(p)).ToString() ?? "any CPU"}")],
            "they do, or there are none",
            "pvestatd spreads containers over all CPUs that are not isolated, pinned ones too",
            Containers(p) is [var first, ..]
                ? $"give each container CPUs of its own (lxc.cgroup2.cpuset.cpus: "
                    + $"{p.Topology.Online.Except(PinnedCpus(p)).Except(p.Topology.Isolated)} in "
                    + $"/etc/pve/lxc/{first.Id}.conf), then: pct reboot {first.Id}"
                : "")),
        new("AffinityIsolated", Area, "no VM with a vGPU is pinned to several isolated CPUs", p => WarnOf(
            [.. Pinned(p).Where(v => Isolated(v, p).Count > 1).Select(v => $"VM {v.VmId}: {Isolated(v, p)}")],
            "none is", "the scheduler does not balance between isolated CPUs: all threads stay on one (assumed)",
            Fix(p, v => Isolated(v, p).Count > 1))),
        new("MemoryBindingUnusable", Area, "VMs with a vGPU can start with their NUMA lines", p =>
        {
            var wrong = p.Affinity.Select(v => (v.VmId, Problem: Binding(p, v))).Where(v => v.Problem is not null)
                .ToList();
            return FailOf(
                [.. wrong.Select(v => $"VM {v.VmId}: {v.Problem}")], "all can",
                "memory was changed and its NUMA lines were not, or they came from another host: the start fails",
                wrong.Count == 0 ? "" : $"take them out: qm set {wrong[0].VmId} --delete numa0");
        }),
    ];

    private static List<VmVgpuAffinityInfo> Pinned(DoctorSnapshot p) =>
        [.. p.Affinity.Where(v => v.Affinity is not null)];

    private static string? Unusable(VmVgpuAffinityInfo vm, CpuTopology topology) =>
        vm.Affinity!.Any(char.IsWhiteSpace) ? "has blanks"
        : CpuSet.TryParse(vm.Affinity!) is not { } cpus ? "is no list of CPUs"
        : cpus.Intersect(topology.Online).Count == 0 ? $"has none of the host's CPUs {topology.Online}"
        : null;

    private static CpuSet Cpus(VmVgpuAffinityInfo vm) => CpuSet.TryParse(vm.Affinity!) ?? CpuSet.Empty;

    private static CpuSet PinnedCpus(DoctorSnapshot p) => CpuSet.UnionOf(Pinned(p).Select(Cpus));

    /// <summary>Containers that run, or may be moved, onto CPUs of pinned VMs.</summary>
    private static List<ContainerConfig> Containers(DoctorSnapshot p)
    {
        var pinned = PinnedCpus(p);
        return
        [
            .. p.Containers.Where(
                c => (c.Cpus ?? p.Topology.Online.Except(p.Topology.Isolated)).Intersect(pinned).Count > 0),
        ];
    }

    private static CpuSet Missing(VmVgpuAffinityInfo vm, DoctorSnapshot p) => Cpus(vm).Except(p.Topology.Online);

    private static CpuSet Isolated(VmVgpuAffinityInfo vm, DoctorSnapshot p) => Cpus(vm).Intersect(p.Topology.Isolated);

    private static string Fix(DoctorSnapshot p, Func<VmVgpuAffinityInfo, bool> isMeant) =>
        Pinned(p).FirstOrDefault(isMeant) is { } vm
            ? $"take the list off (qm set {vm.VmId} --delete affinity), or let one be chosen: "
                + $"Set-VmVgpuAffinity {vm.VmId}"
            : "";

    private static List<string> Overlaps(DoctorSnapshot p)
    {
        var pinned = Pinned(p);
        return
        [
            .. from one in pinned
               from other in pinned
               where one.VmId < other.VmId
               let both = Cpus(one).Intersect(Cpus(other))
               where both.Count > 0
               select $"VM {one.VmId} and VM {other.VmId}: {both}",
        ];
    }

    private static string? Binding(DoctorSnapshot p, VmVgpuAffinityInfo row)
    {
        var numa = VmNuma.Read(VmFinder.Read(p.Host, new VmId(row.VmId)).Config);
        if (!numa.HasNuma || numa.Nodes.Count == 0)
        {
            return null;
        }

        var memory = numa.Nodes.Values.Select(l => VmNuma.Property(l, "memory")).ToList();
        var sum = memory.Sum(m => long.TryParse(m, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0);
        var unknown = numa.Nodes.Values.SelectMany(l => VmNuma.HostNodes(l) ?? CpuSet.Empty)
            .Where(n => p.Topology.NodeAt(n) is null).ToList();
        return numa.HasMemoryHotplug ? "memory hotplug is on, with which Proxmox starts no VM with NUMA lines"
            : memory.Contains(null) ? "a NUMA line has no memory"
            : sum != numa.MemoryMiB
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"its NUMA lines have {sum} MiB of memory, and the VM has {numa.MemoryMiB}")
            : unknown.Count > 0 ? $"this host has no NUMA node {string.Join(", ", unknown)}"
            : numa.Nodes.Values.Any(
                l => VmNuma.HostNodes(l) is not null && VmNuma.Property(l, "policy") is null)
                ? "a NUMA line names nodes of the host and no policy" : null;
    }
}
