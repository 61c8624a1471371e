
namespace VgpuPS.Host.Operations.Mappings;

/// <summary>Removes a mapping from the cluster, unless a VM runs from it.</summary>
/// <remarks>Source: facts/proxmox.md (c): without it the clean-up of a VM that has it stops half way.</remarks>
internal sealed class RemoveMapping(HostPorts host)
{
    private readonly ChangeMapping _change = new(host);

    /// <summary>Plans it, and executes it unless only the plan is requested.</summary>
    /// <exception cref="VgpuException">It cannot be done; names the reason and what to do.</exception>
    public async Task<ChangeResult> RunAsync(
        RemoveMappingRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var name = request.Name.Trim();
        _change.Require(name);
        if (request is { MayBeGone: true, IsPlanOnly: false }
            && await host.Mappings.FindAsync(name, cancellationToken).ConfigureAwait(false) is null)
        {
            return new ChangeResult(
                new ChangePlan($"mapping {name}", [], [])
                {
                    AlreadySo = $"mapping {name} was removed from its cluster",
                },
                []);
        }

        var mapping = await _change.FindAsync(name, cancellationToken).ConfigureAwait(false);
        var users = MappingUse.Read(host).Where(u => u.Mapping == name).ToList();
        var running = users.Count == 0 ? null
            : await host.Mappings.ReadRunningAsync(cancellationToken).ConfigureAwait(false);
        if (users.Where(u => running!.GetValueOrDefault(u.Vm) == "running").DistinctBy(u => u.Vm).ToList() is
            { Count: > 0 } busy)
        {
            throw new ResourceBusyException(
                ErrorIds.MappingInUse,
                $"{string.Join(", ", busy.Select(u => $"{u.Label} of node {u.Node}"))} "
                    + (busy.Count == 1 ? $"runs with mapping {name}, and its stop would leave its function"
                        : $"run with mapping {name}, and their stop would leave their functions")
                    + " behind without it",
                $"stop {(busy.Count == 1 ? "it" : "them")} first: {VmNotes.Shutdown(busy.Select(u => u.Vm))}", name);
        }

        var nodes = mapping.Map.Select(m => PciMappings.ParseEntry(m).Entry?.Node).OfType<string>().Distinct()
            .Order(StringComparer.Ordinal).ToList();
        var step = ChangeMapping.Step(
            [$"remove mapping {name} ({mapping.Map.Count} entries of {string.Join(", ", nodes)})"], "removeMapping",
            name, async token =>
            {
                await host.Mappings.RemoveAsync(name, token).ConfigureAwait(false);
                await _change.ReadBackAsync(name, null, token).ConfigureAwait(false);
            });
        var done = await Executor.RunAsync(
            host, request, $"mapping {name}", [step], progress, cancellationToken).ConfigureAwait(false);
        return done with
        {
            Plan = done.Plan with
            {
                Breaks =
                [
                    .. users.DistinctBy(u => u.Vm).Select(
                        u => $"the next start of {u.Label} of node {u.Node} fails: its {u.Key} names mapping {name}"
                            + (running!.GetValueOrDefault(u.Vm) == "unknown"
                                ? ", and whether it runs is not known" : "")),
                ],
            },
            Objects = request.IsPlanOnly ? [] : [new ChangedObject { Mapping = name }],
        };
    }
}

/// <summary>Requests that a mapping be removed.</summary>
public sealed record RemoveMappingRequest : ChangeRequest
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Whether the same command may have removed it through another node of its cluster.</summary>
    public bool MayBeGone { get; init; }
}
