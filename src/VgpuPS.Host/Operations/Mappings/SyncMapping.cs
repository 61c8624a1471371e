using VgpuPS.Host.Proxmox;

namespace VgpuPS.Host.Operations.Mappings;

/// <summary>
/// Makes a mapping's entries of this node what the hardware is: functions that were added get one, those that are gone
/// lose theirs, unless a VM has them; entries of other nodes and vendors are kept as they are read.
/// </summary>
/// <remarks>Source: facts/cluster.md D1-D4, facts/proxmox-reservations.md, point 5.</remarks>
internal sealed class SyncMapping(HostPorts host)
{
    private readonly ChangeMapping _change = new(host);
    private readonly MappingFunctions _functions = new(host);

    /// <summary>Plans it, and executes it unless only the plan is requested.</summary>
    /// <exception cref="VgpuException">It cannot be done; names the reason and what to do.</exception>
    public async Task<ChangeResult> RunAsync(
        SyncMappingRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var name = request.Name.Trim();
        _change.Require(name);
        var mapping = await _change.FindAsync(name, cancellationToken).ConfigureAwait(false);
        var gpus = FindGpus(request, mapping);
        var leftOut = new List<(PciAddress, string)>();
        var functions = _functions.Read(gpus, name, (function, reason) => leftOut.Add((function, reason)));
        var entries = MappingEntries.Plan(
            mapping.Map, host.Proxmox.Node, functions, f => gpus.Any(g => MappingReader.IsOf(g, f)) || IsGone(f),
            _functions.IsHeld);
        var texts = Describe(mapping, entries).ToList();
        ChangedObject[] objects = [new() { Mapping = name }];
        if (texts.Count == 0)
        {
            return new ChangeResult(
                new ChangePlan($"mapping {name}", [], [])
                {
                    AlreadySo = $"mapping {name} has the functions of node {host.Proxmox.Node} as they are",
                },
                request.IsPlanOnly ? [] : objects);
        }

        if (entries.Map.Count == 0)
        {
            throw new HostNotReadyException(
                ErrorIds.SriovNotReady,
                $"mapping {name} would have no entry left: its functions on node {host.Proxmox.Node} are gone",
                $"enable them first (Enable-Sriov {gpus.FirstOrDefault()?.Address.ToString() ?? "0"}), or remove the "
                    + $"mapping: Remove-VgpuMapping {name}", name);
        }

        var step = ChangeMapping.Step(
            [.. texts, .. ChangeMapping.Notes(leftOut)], "syncMapping", name, async token =>
            {
                await host.Mappings.ReplaceAsync(mapping, entries.Map, token).ConfigureAwait(false);
                await _change.ReadBackAsync(name, entries.Map, token).ConfigureAwait(false);
            });
        var done = await Executor.RunAsync(
            host, request, $"mapping {name}", [step], progress, cancellationToken).ConfigureAwait(false);
        return request.IsPlanOnly ? done : done with { Objects = objects };
    }

    /// <summary>GPUs that are named, and those that the mapping has already.</summary>
    private IReadOnlyList<PhysicalFunction> FindGpus(SyncMappingRequest request, PveMapping mapping)
    {
        var entries = mapping.Map.Select(m => PciMappings.ParseEntry(m).Entry).OfType<PciMappingEntry>().ToList();
        if (entries.Count > 0 && entries.TrueForAll(e => !e.IsNvidia))
        {
            throw new InvalidRequestException(
                ErrorIds.MappingUnusable,
                $"mapping {mapping.Name} is of another vendor's devices: {entries[0].Id} of node {entries[0].Node}",
                $"make one of NVIDIA's under another name: New-VgpuMapping {mapping.Name}-gpu -Gpu 0", mapping.Name);
        }

        var own = entries.Where(e => e.Node == host.Proxmox.Node && e.IsNvidia).ToList();
        var all = host.Devices.GetGpus();
        if (!mapping.IsMediated && own.Exists(e => all.Any(g => g.TotalFunctions > 0 && $"{g.Address}" == e.Path)))
        {
            throw new InvalidRequestException(
                ErrorIds.MappingUnusable,
                $"mapping {mapping.Name} passes whole GPUs through, and is not marked for mediated devices",
                $"make one of functions under another name: New-VgpuMapping {mapping.Name}-vgpu -Gpu 0", mapping.Name);
        }

        List<PhysicalFunction> found =
        [
            .. request.Gpus.Count > 0 ? _functions.Find(request.Gpus, null) : [],
            .. all.Where(g => own.SelectMany(e => e.Paths).Any(p => MappingReader.IsOf(g, p))),
        ];
        if (request.Gpus.Count > 0)
        {
            _functions.RequireFunctions(found);
        }

        return found.Count > 0 || own.Count > 0 ? [.. found.DistinctBy(g => g.Address)]
            : throw new ObjectNotFoundException(
                ErrorIds.MappingNotFound,
                $"mapping {mapping.Name} has no entry for node {host.Proxmox.Node}, so no GPU that it is about",
                $"say which GPUs it gets there: Sync-VgpuMapping {mapping.Name} -Gpu 0", mapping.Name);
    }

    /// <summary>An entry of a device that is not there at all, such as a GPU that was moved.</summary>
    private bool IsGone(PciAddress function) => host.Devices.FindFacts(function) is null;

    private IEnumerable<string> Describe(PveMapping mapping, MappingEntries entries)
    {
        var node = host.Proxmox.Node;
        foreach (var (functions, text) in new[]
        {
            (entries.Added, $"add {{0}} of node {node} to mapping {mapping.Name}"),
            (entries.Removed, $"remove {{0}} of node {node} from mapping {mapping.Name}: no such function is there"),
            (entries.Corrected, $"correct the entries of {{0}} of node {node} in mapping {mapping.Name}, which do not "
                + "match the hardware"),
        })
        {
            if (functions.Count > 0)
            {
                yield return string.Format(CultureInfo.InvariantCulture, text, MappingEntries.Text(functions));
            }
        }

        if (!mapping.IsMediated)
        {
            yield return $"mark mapping {mapping.Name} for mediated devices";
        }

        if (entries.Kept.Count > 0 && (entries.IsChanged || !mapping.IsMediated))
        {
            yield return $"keep {MappingEntries.Text(entries.Kept)}, which a VM has: remove it when the VM has stopped";
        }
    }
}

/// <summary>Requests that a mapping's entries of this node be as the hardware is.</summary>
public sealed record SyncMappingRequest : ChangeRequest
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>GPUs that it gets functions of beside those that it has; none for no others.</summary>
    public IReadOnlyList<string> Gpus { get; set; } = [];
}
