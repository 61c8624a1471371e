using VgpuPS.Host.Operations.Affinity;
using VgpuPS.Host.Operations.Mappings;
using static VgpuPS.Host.Operations.Doctor.CheckOutcome;

namespace VgpuPS.Host.Operations.Doctor.Checks;

/// <summary>VMs with vGPUs in a cluster: whether HA keeps them where their GPUs are, and mappings have all of
/// these.</summary>
/// <remarks>Source: facts/cluster.md D13, D14: HA knows nothing of mappings; facts/proxmox.md (i).</remarks>
internal static class ClusterChecks
{
    private static readonly QemuServerVersion s_firstWithRules = new(9, 0, 0);

    public static IEnumerable<HostCheck> All =>
    [
        new("HaNodesUnbound", "Placing", "HA keeps VMs with a vGPU on the nodes that have its GPUs", p =>
        {
            var unbound = p.Host.Proxmox.GetNodes().Count < 2 ? [] : FindUnbound(p);
            return WarnOf(
                [.. unbound.Select(u => u.Evidence)], "it does, or manages none",
                "HA knows no mappings: it may recover a VM on a node without the GPU, where its start fails",
                unbound.Count == 0 ? "" : unbound[0].Fix);
        }),
        new("MappingIncomplete", "Placing", "mappings have all functions of their GPUs", p =>
        {
            var incomplete = new TestMappings(p.Host).FindIncomplete();
            return WarnOf(
                [.. incomplete.Select(m => $"mapping {m.Mapping}: no entry for {MappingEntries.Text(m.Functions)}")],
                "they have, or there are none",
                "functions were enabled after the mapping was made; no VM gets one of them from it",
                incomplete.Count == 0 ? "" : $"add them: Sync-VgpuMapping {incomplete[0].Mapping}") with
            {
                HostFix = incomplete.Count == 0 ? null : "add them: Datacenter, Resource Mappings; its entries: "
                    + $"pvesh get /cluster/mapping/pci/{incomplete[0].Mapping}",
            };
        }),
    ];

    private static List<(string Evidence, string Fix)> FindUnbound(DoctorSnapshot p)
    {
        var ha = p.Host.Proxmox.ReadHighAvailability();
        var mappings = p.Host.Proxmox.ReadMappings();
        var found = new List<(string, string)>();
        foreach (var id in p.Host.Proxmox.GetVms().Where(ha.Vms.Contains))
        {
            VmSubject vm;
            try
            {
                vm = VmFinder.Read(p.Host, id);
            }
            catch (Exception e) when (e is ObjectNotFoundException or UnreadableDataException)
            {
                continue;
            }

            var entries = AffinityReader.EntriesOf(vm, p.Settings);
            if (entries.Count > 0 && !vm.Config.IsTemplate && Judge(p, vm, entries, mappings, ha) is { } problem)
            {
                found.Add(problem);
            }
        }

        return found;
    }

    private static (string Evidence, string Fix)? Judge(
        DoctorSnapshot p, VmSubject vm, IReadOnlyList<HostPciEntry> entries, PciMappings mappings, HighAvailability ha)
    {
        var all = p.Host.Proxmox.GetNodes();

        // A raw address is this node's alone.
        var able = all.Where(n => entries.All(e => e.Mapping is not { } id ? n == p.Host.Proxmox.Node
            : mappings.Find(id)?.Entries.Any(m => m.Node == n) == true)).ToList();
        var strict = ha.RulesOf(vm.Id).Where(r => r.IsStrict).ToList();
        if (able.Count == 0 || (strict.Count > 0 && ha.NodesFor(vm.Id, all).SequenceEqual(able)))
        {
            return null;
        }

        var rule = strict.Concat(ha.RulesOf(vm.Id)).FirstOrDefault();
        var what = entries.Select(e => e.Mapping).OfType<string>().Distinct().ToList() is { Count: > 0 } names
            ? $"mapping {string.Join(", ", names)}" : "its device";
        return (
            $"VM {vm.Id}: {what} is on {string.Join(", ", able)}, and "
                + (rule is null ? "no rule keeps it there"
                    : $"{rule.Name} {(rule.IsStrict ? "keeps it on" : "only prefers")} "
                        + string.Join(", ", rule.Nodes)),
            Advise(p, vm, rule, string.Join(',', able)));
    }

    private static string Advise(DoctorSnapshot p, VmSubject vm, HaNodeAffinity? rule, string nodes)
    {
        var hasRules = PveGeneration.FromVersion(p.Host.Proxmox.QemuServerVersion) is not { } generation
            || generation.QemuServer.CompareTo(s_firstWithRules) >= 0;
        var name = rule?.Vms.Count == 1 ? rule.Name : null;
        return hasRules
            ? name is not null && rule is { IsGroup: false }
                ? $"ha-manager rules set node-affinity {name} --nodes {nodes} --strict 1"
                : $"ha-manager rules add node-affinity vgpu-{vm.Id} --resources vm:{vm.Id} --nodes {nodes} --strict 1"
            : name is not null ? $"ha-manager groupset {name} --nodes {nodes} --restricted 1"
            : $"ha-manager groupadd vgpu-{vm.Id} --nodes {nodes} --restricted 1; "
                + $"ha-manager set vm:{vm.Id} --group vgpu-{vm.Id}";
    }
}
