using VgpuPS.Core.Cpu;

namespace VgpuPS.Host.Operations.Affinity;

/// <summary>Refuses to keep a VM's memory on nodes where its start, or somebody's own lines, rule that out.</summary>
/// <remarks>Source: facts/numa.md C8, C9. Proxmox looks at all of it at the start only.</remarks>
internal static class MemoryBinding
{
    /// <summary>Refuses what the VM's configuration rules out, whichever nodes are meant.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="numa">What its configuration says.</param>
    /// <param name="kept">What we wrote before; null for nothing.</param>
    /// <exception cref="InvalidRequestException">It is ruled out.</exception>
    public static void Require(VmSubject vm, VmNuma numa, AffinityRecord? kept)
    {
        if (numa.Nodes.FirstOrDefault(
            n => kept?.Written.GetValueOrDefault(n.Key) != n.Value) is { Key: { } key, Value: var line })
        {
            throw Refuse(
                vm, $"has NUMA nodes of its own: {key}: {line}",
                $"keep them and pin its CPUs alone (-Memory None), or take them out: qm set {vm.Id} --delete {key}");
        }

        if (numa.PageMiB is { } page && numa.MemoryMiB % page != 0)
        {
            throw Refuse(
                vm, $"has {numa.MemoryMiB} MiB of memory, which huge pages of {page} MiB do not divide",
                $"give it a multiple: qm set {vm.Id} --memory {numa.MemoryMiB / page * page}");
        }

        if (numa.HasMemoryHotplug)
        {
            var rest = string.Join(',', numa.Hotplug.Where(h => h != "memory").DefaultIfEmpty("0"));
            throw Refuse(
                vm, "has memory hotplug on, with which Proxmox starts no VM whose memory is kept on a node",
                $"pin its CPUs alone (-Memory None), or switch it off: qm set {vm.Id} --hotplug {rest}");
        }
    }

    /// <summary>Refuses nodes that cannot have it.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="numa">What its configuration says.</param>
    /// <param name="nodes">The nodes.</param>
    /// <param name="policy">Bind or Preferred.</param>
    /// <exception cref="InvalidRequestException">They cannot.</exception>
    public static void RequireNodes(
        VmSubject vm, VmNuma numa, IReadOnlyList<NumaNode> nodes, MemoryPolicy policy)
    {
        var names = string.Join(", ", nodes.Select(n => n.Number));
        if (numa.HugePages is not null && nodes is not [{ Number: < 10 }])
        {
            throw Refuse(
                vm, $"has huge pages, which Proxmox takes from one node only, and its memory would be on node {names}",
                "pin its CPUs alone: -Memory None");
        }

        var memory = nodes.Sum(n => n.MemoryMiB);
        if (policy == MemoryPolicy.Bind && numa.MemoryMiB > memory)
        {
            throw Refuse(
                vm, $"has {numa.MemoryMiB} MiB of memory, and node {names} has {memory} MiB in all: bound to it the VM "
                    + "would never start",
                $"keep near what fits (-Memory Preferred), or give it less: qm set {vm.Id} --memory <MiB>");
        }
    }

    private static InvalidRequestException Refuse(VmSubject vm, string fact, string action) =>
        new(ErrorIds.ConflictingParameters, $"{vm.Label} {fact}", action, vm.Id.ToString());
}
