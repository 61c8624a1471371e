using VgpuPS.Core.Rows;

namespace VgpuPS.Host.Operations.Mappings;

/// <summary>Looks whether this node's entries of mappings are as the hardware is, and whether its VMs name mappings
/// that are there.</summary>
/// <remarks>Source: facts/cluster.md D1, D2: only the node itself can judge its entries.</remarks>
internal sealed class TestMappings(HostPorts host)
{
    private const string TakeOut =
        "take devices of other vendors out: Datacenter, Resource Mappings; a VM may get one of them";

    private readonly MappingFunctions _functions = new(host);
    private readonly Lazy<IReadOnlyList<PhysicalFunction>> _gpus = new(host.Devices.GetGpus);

    private string Node => host.Proxmox.Node;

    /// <summary>Makes the checks; nothing is changed.</summary>
    /// <exception cref="ObjectNotFoundException">A mapping that is named does not exist.</exception>
    /// <exception cref="VgpuException">This is no Proxmox host, or the mappings cannot be read.</exception>
    public IReadOnlyList<VgpuMappingTestInfo> Run(TestMappingsRequest request)
    {
        host.ConfigWriter.RequireProxmox();
        var mappings = host.Proxmox.ReadMappings();
        var missing = request.Names.FirstOrDefault(n => mappings.Find(n) is null);
        if (missing is not null)
        {
            throw new ObjectNotFoundException(
                ErrorIds.MappingNotFound, $"no cluster mapping is named {missing}",
                $"see what is mapped (Get-VgpuMapping), or make it: New-VgpuMapping {missing} -Gpu 0", missing);
        }

        var users = MappingUse.Read(host);
        var chosen = mappings.ById.Values
            .Where(m => request.Names.Count > 0 ? request.Names.Contains(m.Id) : m.IsNvidia)
            .OrderBy(m => m.Id, StringComparer.Ordinal).ToList();
        return
        [
            .. chosen.SelectMany(m => Check(m, users)),
            .. request.Names.Count > 0 ? [] : Dangling(mappings, users),
            .. host.Proxmox.HasQuorum ? Array.Empty<VgpuMappingTestInfo>()
                : chosen.Select(m => Row(m.Id, "Quorum", $"{Node} sees no quorum: mappings cannot be changed",
                    "start or connect the nodes that are missing: pvecm status")),
        ];
    }

    /// <summary>Mappings of NVIDIA's devices that lack functions of GPUs that they have functions of, with
    /// those.</summary>
    public IReadOnlyList<(string Mapping, IReadOnlyList<PciAddress> Functions)> FindIncomplete() =>
    [
        .. host.Proxmox.ReadMappings().ById.Values.Where(m => m.IsNvidia).OrderBy(m => m.Id, StringComparer.Ordinal)
            .Select(m => (m.Id, Functions: FindLacking(m, FindGpus(m.ForNode(Node)))))
            .Where(m => m.Functions.Count > 0),
    ];

    private IEnumerable<VgpuMappingTestInfo> Check(PciMapping mapping, IReadOnlyList<MappingUse> users)
    {
        var own = mapping.ForNode(Node);
        var sync = $"Sync-VgpuMapping {mapping.Id}";
        var here = users.Where(u => u.Mapping == mapping.Id && u.Node == Node).ToList();
        yield return Row(
            mapping.Id, "Entries",
            own.Count > 0 ? $"{own.Count} of {mapping.Entries.Count} entries are of {Node}"
                : $"no entry is of {Node}" + (here.Count == 0 ? "" : $", and {here[0].Label} there names it"),
            own.Count > 0 ? null
                : $"give it this node's functions ({sync} -Gpu 0), or keep its VMs from this node");
        yield return Row(
            mapping.Id, "Mediated",
            mapping.IsMediated ? "marked for mediated devices" : "not marked for mediated devices",
            mapping.IsMediated ? null : own.Count > 0 ? $"mark it: {sync}"
                : $"mark it: pvesh set /cluster/mapping/pci/{mapping.Id} --mdev 1");
        if (own.Count == 0)
        {
            yield break;
        }

        var foreign = own.Where(e => !e.IsNvidia).ToList();
        yield return Row(
            mapping.Id, "Vendor",
            foreign.Count == 0 ? "all are NVIDIA's" : string.Join("; ", foreign.Select(e => $"{e.Path} is {e.Id}")),
            foreign.Count == 0 ? null : TakeOut);
        var wrong = FindWrong(mapping, own);
        var gpus = FindGpus(own);
        var off = gpus.Find(g => g is { TotalFunctions: > 0, EnabledFunctions: 0 });
        yield return Row(
            mapping.Id, "Hardware",
            wrong.Count == 0 ? "all entries match"
                : string.Join("; ", wrong) + ": no VM of this node can start from it",
            wrong.Count == 0 ? null
                : off is not null ? $"enable its functions (Enable-Sriov {off.Address}), or take them out: {sync}"
                : FindWrong(mapping, [.. own.Where(e => e.IsNvidia)]).Count > 0 ? $"correct it: {sync}" : TakeOut);
        var lacking = FindLacking(mapping, gpus);
        yield return Row(
            mapping.Id, "Functions",
            lacking.Count == 0 ? "all functions of its GPUs that are free for it have an entry"
                : $"no entry for {MappingEntries.Text(lacking)}",
            lacking.Count == 0 ? null : $"add them: {sync}");
    }

    private List<PhysicalFunction> FindGpus(IReadOnlyList<PciMappingEntry> own) =>
        [.. _gpus.Value.Where(g => own.SelectMany(e => e.Paths).Any(p => MappingReader.IsOf(g, p)))];

    private IReadOnlyList<PciAddress> FindLacking(PciMapping mapping, List<PhysicalFunction> gpus)
    {
        var own = mapping.ForNode(Node).SelectMany(e => e.Paths).ToHashSet(StringComparer.Ordinal);
        return [.. _functions.Read(gpus, mapping.Id).Select(f => f.Address).Where(f => !own.Contains(f.ToString()))];
    }

    private IReadOnlyList<string> FindWrong(PciMapping mapping, IReadOnlyList<PciMappingEntry> own)
    {
        var generation = PveGeneration.FromVersion(host.Proxmox.QemuServerVersion) ?? PveGeneration.Pve9;
        var facts = own.SelectMany(e => e.Paths)
            .Select(p => PciAddress.TryParse(PciMappingCheck.NameOf(p), out var a) ? host.Devices.FindFacts(a) : null)
            .OfType<PciDeviceFacts>().ToList();
        var gone = own.Select(e => PciAddress.TryParse(e.Path, out var a) && host.Devices.FindFacts(a) is null
            ? a : (PciAddress?)null).OfType<PciAddress>().ToList();
        return
        [
            .. gone.Count == 0 ? (string[])[]
                : [$"{MappingEntries.Text(gone)} {(gone.Count == 1 ? "does" : "do")} not exist"],
            .. own.Where(e => !PciAddress.TryParse(e.Path, out var a) || !gone.Contains(a))
                .Select(e => PciMappingCheck.FirstError(mapping, e, facts, generation) is not { } error ? null
                    : error.Contains(e.Path, StringComparison.Ordinal) ? error : $"{e.Path}: {error}")
                .OfType<string>(),
        ];
    }

    /// <summary>Mappings that VMs of this node name and that do not exist.</summary>
    private IEnumerable<VgpuMappingTestInfo> Dangling(PciMappings mappings, IReadOnlyList<MappingUse> users) =>
        users.Where(u => u.Node == Node && mappings.Find(u.Mapping) is null).Select(u => Row(
            u.Mapping, "Exists", $"{u.Key} of {u.Label} names it, and no such mapping exists",
            $"make it (New-VgpuMapping {u.Mapping} -Gpu 0), or change the VM: Remove-VmVgpu {u.Vm} {u.Key}"));

    private VgpuMappingTestInfo Row(string mapping, string check, string detail, string? action) => new()
    {
        Mapping = mapping,
        Node = Node,
        Check = check,
        Passed = action is null,
        Detail = detail,
        RecommendedAction = action,
    };
}

/// <summary>Asks whether mappings are as they must be on this node.</summary>
public sealed record TestMappingsRequest
{
    /// <summary>Names; none for all of NVIDIA's devices.</summary>
    public IReadOnlyList<string> Names { get; set; } = [];
}
