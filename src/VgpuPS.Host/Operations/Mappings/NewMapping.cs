using VgpuPS.Host.Proxmox;

namespace VgpuPS.Host.Operations.Mappings;

/// <summary>Makes a mapping of functions of this node, or adds this node's to one that the same command made on another
/// node.</summary>
/// <remarks>Source: facts/cluster.md D1-D4.</remarks>
internal sealed class NewMapping(HostPorts host)
{
    private readonly ChangeMapping _change = new(host);
    private readonly MappingFunctions _functions = new(host);

    /// <summary>Plans it, and executes it unless only the plan is requested.</summary>
    /// <exception cref="VgpuException">It cannot be done; names the reason and what to do.</exception>
    public async Task<ChangeResult> RunAsync(
        NewMappingRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var name = request.Name.Trim();
        _change.Require(name);
        RequireSettings(request, name);
        var existing = await host.Mappings.FindAsync(name, cancellationToken).ConfigureAwait(false);
        if (existing is not null && (request.IsPlanOnly || !request.Joins || HasOwn(existing)))
        {
            throw Exists(existing);
        }

        var gpus = _functions.Find(request.Gpus, request.Type);
        _functions.RequireFunctions(gpus);
        var leftOut = new List<(PciAddress, string)>();
        var functions = _functions.Read(gpus, name, (function, reason) => leftOut.Add((function, reason)));
        if (functions.Count == 0)
        {
            throw new CapacityException(
                ErrorIds.NoFreeFunction,
                $"no function is left for mapping {name} on node {host.Proxmox.Node}: "
                    + string.Join("; ", leftOut.Select(f => $"{f.Item1}: {f.Item2}")),
                "take an entry out of a VM (Remove-VmVgpu), or name another GPU", name);
        }

        var entries = MappingEntries.Plan(
            existing?.Map ?? [], host.Proxmox.Node, functions, f => gpus.Any(g => MappingReader.IsOf(g, f)),
            _functions.IsHeld);
        var what = $"{MappingEntries.Text([.. functions.Select(f => f.Address)])} of node {host.Proxmox.Node}";
        var step = ChangeMapping.Step(
            [
                request.Joins ? $"add {what} to mapping {name}"
                    : $"create mapping {name} of {what}"
                        + (request.LiveMigration ? ", marked as capable of live migration" : ""),
                .. ChangeMapping.Notes(leftOut),
            ],
            "createMapping", name, token => WriteAsync(request, name, existing, entries.Map, token));
        var done = await Executor.RunAsync(
            host, request, $"mapping {name}", [step], progress, cancellationToken).ConfigureAwait(false);
        return request.IsPlanOnly ? done : done with { Objects = [new ChangedObject { Mapping = name }] };
    }

    private async Task WriteAsync(
        NewMappingRequest request, string name, PveMapping? existing, IReadOnlyList<string> map,
        CancellationToken cancellationToken)
    {
        await (existing is null
            ? host.Mappings.CreateAsync(
                name, map, request.LiveMigration, string.IsNullOrWhiteSpace(request.Description)
                    ? null : request.Description.Trim(), cancellationToken)
            : host.Mappings.ReplaceAsync(existing, map, cancellationToken)).ConfigureAwait(false);
        await _change.ReadBackAsync(name, map, cancellationToken).ConfigureAwait(false);
    }

    private void RequireSettings(NewMappingRequest request, string name)
    {
        if (request.LiveMigration
            && PveGeneration.FromVersion(host.Proxmox.QemuServerVersion) is { KnowsLiveMigrationCapable: false } old)
        {
            throw new HostNotReadyException(
                ErrorIds.MappingUnusable,
                $"qemu-server {old.QemuServer} of node {host.Proxmox.Node} knows no live migration of mapped devices",
                "omit -LiveMigration, or update Proxmox VE to 8.4", name);
        }

        if (request.Description is { } text && (text.Length > 4096 || text.Any(c => c < ' ')))
        {
            throw new InvalidRequestException(
                ErrorIds.MappingUnusable, "the description is longer than 4096 characters or has more than one line",
                "write one line", name);
        }
    }

    private bool HasOwn(PveMapping existing) => existing.Map.Any(
        m => PciMappings.ParseEntry(m).Entry?.Node == host.Proxmox.Node);

    private static InvalidRequestException Exists(PveMapping existing)
    {
        var entries = existing.Map.Select(m => PciMappings.ParseEntry(m).Entry).OfType<PciMappingEntry>().ToList();
        var isForeign = entries.Count > 0 && entries.TrueForAll(e => !e.IsNvidia);
        return new InvalidRequestException(
            ErrorIds.MappingExists,
            $"mapping {existing.Name} exists already, for "
                + (isForeign ? $"a device of another vendor: {entries[0].Id} of node {entries[0].Node}"
                    : $"{string.Join(", ", entries.Select(e => e.Node).Distinct())}"),
            isForeign ? "take another name" : "add what is missing (Sync-VgpuMapping " + existing.Name
                + "; functions of another GPU or node: -Gpu), or take another name", existing.Name);
    }
}

/// <summary>Requests a mapping of functions of this node.</summary>
public sealed record NewMappingRequest : ChangeRequest
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>GPUs by index, UUID, address or model; none for all, or all with the type.</summary>
    public IReadOnlyList<string> Gpus { get; set; } = [];

    /// <summary>Type that the GPUs must have; null for any.</summary>
    public string? Type { get; init; }

    /// <summary>Whether it is marked as capable of live migration.</summary>
    public bool LiveMigration { get; init; }

    /// <summary>Its description; null for none.</summary>
    public string? Description { get; init; }

    /// <summary>Whether the same command makes it on another node first, so that it is there when this one is
    /// executed.</summary>
    public bool Joins { get; init; }
}
