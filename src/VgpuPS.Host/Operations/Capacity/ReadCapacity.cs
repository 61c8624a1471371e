using VgpuPS.Core.Capacity;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Operations.Simulation;
using VgpuPS.Host.Operations.VmVgpus;

namespace VgpuPS.Host.Operations.Capacity;

/// <summary>Counts how many more vGPUs the GPUs of this host take; changes nothing.</summary>
internal sealed class ReadCapacity(HostPorts host)
{
    /// <summary>Counts.</summary>
    /// <returns>A row for each GPU, and for each model of the host.</returns>
    /// <exception cref="VgpuException">There is no such GPU or type here, or the driver does not answer.</exception>
    public CapacityReport Run(ReadCapacityRequest request)
    {
        var wanted = VgpuRequest.From(null, request.Type, request.Profile, request.MemoryMiB);
        using var driver = host.Driver.Open();
        var now = StartSimulation.Read(host, driver);
        var configured = ConfiguredStarts.Of(host, now);
        var gpus = Select(now.Gpus, request.Gpus);
        var only = CapacityMapping.Find(host, request.Mapping);
        var needs = new VmNeeds(request.VmMemoryMiB ?? 0, request.VmCpus ?? 0);
        var counted = CapacityTypes.Find(wanted, gpus);
        var rows = counted.SelectMany(c => Count(c.Gpu, c.Types, wanted.Count > 0, now, configured, only)).ToList();
        var limits = (Limit(now.Memory, needs), Limit(configured.After.Memory, needs));
        return new CapacityReport(
            [.. rows.Select(r => CapacitySum.Limit(r, limits.Item1, limits.Item2))],
            [
                .. CapacitySum.Of(rows, "Host", "")
                    .Select(r => WithExcess(CapacitySum.Limit(r, limits.Item1, limits.Item2), configured, counted)),
            ]);
    }

    private static IReadOnlyList<GpuState> Select(IReadOnlyList<GpuState> gpus, IReadOnlyList<string>? names) =>
        names is not { Count: > 0 } ? gpus
        : [.. names.SelectMany(n => GpuSelector.Find(gpus, n, g => g.Address, g => (g.Uuid.Value, g.Model)))
            .DistinctBy(g => g.Address)];

    private static (int Most, string Limit)? Limit(HostMemory? memory, VmNeeds needs) =>
        memory is null || needs is { MemoryMiB: 0, Cpus: 0 } ? null
        : memory.Count(needs) is var count ? (count.Count, CapacityLimitText.Of(count.Limit)) : null;

    private static IEnumerable<VgpuCapacityInfo> Count(
        GpuState gpu, IReadOnlyList<VgpuType> types, bool isAsked, StartSimulation now, ConfiguredStarts configured,
        IReadOnlySet<PciAddress>? only)
    {
        var later = configured.After.Gpus.First(g => g.Address == gpu.Address);
        var (count, countAfter) = (Take(now, gpu, only), Take(configured.After, later, only));
        var counts = types.Select(t => (Type: t, Count: Count(t, count, countAfter))).ToList();
        foreach (var part in isAsked ? counts.Select(c => (IEnumerable<(VgpuType Type, VgpuTypeCount Count)>)[c])
            : [counts])
        {
            var asked = isAsked ? part.First().Type : null;
            yield return CapacitySum.Complete(new VgpuCapacityInfo
            {
                Scope = "Gpu",
                GpuIndex = gpu.Index,
                GpuUuid = gpu.Uuid.Value,
                GpuAddress = gpu.Address.ToString(),
                Model = gpu.Model,
                VgpuType = asked?.ShortName,
                Profile = asked?.Profile is { } profile ? gpu.NameOf(profile) : null,
                Running = gpu.Active.Count(a => asked is null || a.Type == asked.Id),
                Pending = CountPending(now, gpu, asked),
                Stopped = later.Active.Count(a => asked is null || a.Type == asked.Id)
                    - gpu.Active.Count(a => asked is null || a.Type == asked.Id),
                AvailableMemoryMiB = now.Memory?.AvailableMiB,
                LimitedBy = "",
                LimitedByAfter = "",
                Types = [.. part.Select(p => p.Count)],
            });
        }
    }

    private static VgpuTypeCount Count(VgpuType type, RemainingCapacity now, RemainingCapacity after)
    {
        var (count, countAfter) = (now.Count(type), after.Count(type));
        return new VgpuTypeCount(
            type.ShortName, count.Count, countAfter.Count, CapacityLimitText.Of(count.Limit),
            CapacityLimitText.Of(countAfter.Limit))
        {
            FramebufferMiB = type.FramebufferMiB,
        };
    }

    /// <summary>vGPUs that are there without a running VM, and those that are reserved.</summary>
    private static int CountPending(StartSimulation now, GpuState gpu, VgpuType? asked) =>
        GpuCapacity.Occupants(gpu).Count(o => asked is null || o.Type.Id == asked.Id)
        - gpu.Active.Count(a => (asked is null || a.Type == asked.Id) && gpu.Types.ContainsKey(a.Type))
        + now.Pending.Count(p => (asked is null || p.Type == asked.Id)
            && p.Candidates.Any(c => c == gpu.Address || gpu.Gpu.IndexOf(c) is not null));

    private static RemainingCapacity Take(StartSimulation at, GpuState gpu, IReadOnlySet<PciAddress>? only) =>
        new(gpu, at.Pending, at.RulesFor(gpu) with { Only = only });

    /// <summary>vGPUs of stopped VMs that find no place, on the row of their model.</summary>
    private static VgpuCapacityInfo WithExcess(
        VgpuCapacityInfo row, ConfiguredStarts configured,
        IReadOnlyList<(GpuState Gpu, IReadOnlyList<VgpuType> Types)> counted)
    {
        var gpus = counted.Where(c => c.Gpu.Model == row.Model).Select(c => c.Gpu.Address).ToHashSet();
        return row with
        {
            Excess = configured.Vms.Where(v => v.Plan is null && v.Gpus.Any(gpus.Contains))
                .SelectMany(v => v.Types).Count(t => row.VgpuType is null || t.ShortName == row.VgpuType),
        };
    }
}

/// <summary>Functions of this node that a mapping has.</summary>
internal static class CapacityMapping
{
    /// <summary>Finds them.</summary>
    /// <param name="host">The node.</param>
    /// <param name="id">The mapping; null or blank for none.</param>
    /// <returns>Null where no mapping is named; none where it has no entry for this node.</returns>
    /// <exception cref="ObjectNotFoundException">There is no such mapping.</exception>
    public static IReadOnlySet<PciAddress>? Find(HostPorts host, string? id)
    {
        if (VgpuRequest.Text(id) is not { } name)
        {
            return null;
        }

        var mapping = host.Proxmox.ReadMappings().Find(name)
            ?? throw new ObjectNotFoundException(
                ErrorIds.MappingNotFound, $"no cluster mapping is named {name}",
                "see what is mapped: Get-VgpuMapping", name);
        return mapping.ForNode(host.Proxmox.Node).SelectMany(e => e.Paths)
            .Select(p => PciAddress.TryParse(p, out var address) ? address : (PciAddress?)null)
            .OfType<PciAddress>().ToHashSet();
    }
}

/// <summary>Asks how many more vGPUs fit; of type, profile and memory at most one.</summary>
public sealed record ReadCapacityRequest
{
    /// <summary>Type: short name, full name, <c>nvidia-690</c> or number.</summary>
    public string? Type { get; init; }

    /// <summary>GPU instance profile.</summary>
    public string? Profile { get; init; }

    /// <summary>Least frame buffer in MiB.</summary>
    public long? MemoryMiB { get; init; }

    /// <summary>GPUs: index, UUID, address or model; null for all.</summary>
    public IReadOnlyList<string>? Gpus { get; init; }

    /// <summary>Id of a cluster mapping whose functions alone count; null for all functions.</summary>
    public string? Mapping { get; init; }

    /// <summary>Memory of each new VM in MiB; null to leave the host's memory aside.</summary>
    public long? VmMemoryMiB { get; init; }

    /// <summary>CPUs of each new VM; null to leave them aside.</summary>
    public int? VmCpus { get; init; }
}

/// <summary>What fits on a host.</summary>
/// <param name="Gpus">A row for each GPU and type.</param>
/// <param name="Host">A row for each model and type.</param>
public sealed record CapacityReport(IReadOnlyList<VgpuCapacityInfo> Gpus, IReadOnlyList<VgpuCapacityInfo> Host)
    : IHostRows
{
    /// <inheritdoc/>
    public void Stamp(string host)
    {
        foreach (var row in Gpus.Concat(Host))
        {
            row.VgpuHost = host;
            row.Hosts = [host];
        }
    }
}
