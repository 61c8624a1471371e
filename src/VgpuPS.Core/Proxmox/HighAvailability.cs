namespace VgpuPS.Core.Proxmox;

/// <summary>VMs under high availability, and the rules about the nodes that they may run on.</summary>
/// <param name="Vms">VMs that Proxmox restarts on other nodes, ascending.</param>
/// <param name="Rules">Rules that are on: of 9.x as they stand, of 8.x each group that a VM names.</param>
/// <remarks>
/// Source: facts/cluster.md D13; pve-ha-manager, PVE::HA::Config, service_check_ha_state: a resource whose state is
/// <c>ignored</c> counts as if it were not managed. Assumed: a VM's section is <c>vm: ID</c> with <c>group NAME</c>;
/// a rule with <c>disable</c> counts for nothing; of a rule's <c>resources</c> those of containers concern nobody
/// here.
/// </remarks>
public sealed record HighAvailability(IReadOnlyList<VmId> Vms, IReadOnlyList<HaNodeAffinity> Rules)
{
    private const string Ignored = "ignored";

    /// <summary>Reads the three files; an empty text for one that is not there.</summary>
    /// <param name="resources"><c>/etc/pve/ha/resources.cfg</c>.</param>
    /// <param name="rules"><c>/etc/pve/ha/rules.cfg</c>.</param>
    /// <param name="groups"><c>/etc/pve/ha/groups.cfg</c>.</param>
    /// <exception cref="UnreadableDataException">One has more than 1 MiB.</exception>
    public static HighAvailability Read(
        ReadOnlySpan<byte> resources, ReadOnlySpan<byte> rules, ReadOnlySpan<byte> groups)
    {
        var members = Sections(resources, "the list of HA resources", "vm")
            .Where(s => VmId.TryParse(s.Id, out _) && s["state"] != Ignored).ToList();
        var found = Sections(rules, "the list of HA rules", "node-affinity").Where(r => !r.Has("disable"))
            .Select(r => new HaNodeAffinity(
                r.Id, [.. r.List("resources").Select(VmOf).OfType<VmId>().Order()], NodesOf(r), r.Has("strict")))
            .Concat(Sections(groups, "the list of HA groups", "group").Select(g => new HaNodeAffinity(
                g.Id, [.. members.Where(m => m["group"] == g.Id).Select(m => VmOf($"vm:{m.Id}")!.Value).Order()],
                NodesOf(g), g.Has("restricted"))
            { IsGroup = true })
                .Where(g => g.Vms.Count > 0));
        return new HighAvailability([.. members.Select(m => VmOf($"vm:{m.Id}")!.Value).Distinct().Order()], [.. found]);
    }

    /// <summary>Rules about a VM.</summary>
    public IReadOnlyList<HaNodeAffinity> RulesOf(VmId vm) => [.. Rules.Where(r => r.Vms.Contains(vm))];

    /// <summary>Nodes that a VM may run on, of some; all of them where no strict rule says otherwise.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="nodes">The cluster's nodes.</param>
    public IReadOnlyList<string> NodesFor(VmId vm, IReadOnlyList<string> nodes) =>
        [.. nodes.Where(n => RulesOf(vm).Where(r => r.IsStrict).All(r => r.Nodes.Contains(n)))];

    private static IEnumerable<SectionConfig.SectionDraft> Sections(
        ReadOnlySpan<byte> raw, string what, string type) =>
        SectionConfig.Read(raw, what, SectionConfig.Header).Where(s => s.Type == type);

    private static VmId? VmOf(string resource) =>
        resource.StartsWith("vm:", StringComparison.Ordinal) && VmId.TryParse(resource[3..], out var vm) ? vm : null;

    /// <summary>Without their priorities.</summary>
    private static IReadOnlyList<string> NodesOf(SectionConfig.SectionDraft section) =>
        [.. section.List("nodes").Select(n => n.Split(':')[0]).Distinct()];
}

/// <summary>A rule that keeps VMs on some nodes, or prefers these.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Vms">VMs that it is about, ascending.</param>
/// <param name="Nodes">The nodes, in its order.</param>
/// <param name="IsStrict">Whether a VM waits rather than run elsewhere.</param>
/// <remarks>Source: facts/cluster.md D13.</remarks>
public sealed record HaNodeAffinity(
    string Name, IReadOnlyList<VmId> Vms, IReadOnlyList<string> Nodes, bool IsStrict)
{
    /// <summary>Whether it is a group of 8.x rather than a rule.</summary>
    public bool IsGroup { get; init; }
}
