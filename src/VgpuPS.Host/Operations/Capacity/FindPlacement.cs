using VgpuPS.Core.Capacity;
using VgpuPS.Core.Planning;
using VgpuPS.Core.Rows;
using VgpuPS.Core.Steps;
using VgpuPS.Host.Operations.Simulation;
using VgpuPS.Host.Operations.VmVgpus;

namespace VgpuPS.Host.Operations.Capacity;

/// <summary>Says where the next vGPUs of a type should go on this host; changes nothing.</summary>
internal sealed class FindPlacement(HostPorts host)
{
    private const int LastVmId = 999_999_999;

    /// <summary>Finds the places, each beside all that run, that are configured, and that were found before.</summary>
    /// <exception cref="VgpuException">There is no such type here, or the driver does not answer.</exception>
    public PlacementReport Run(FindPlacementRequest request)
    {
        var wanted = VgpuRequest.From(null, request.Type, request.Profile, request.MemoryMiB)
            .Require(null);
        using var driver = host.Driver.Open();
        var now = StartSimulation.Read(host, driver);
        var at = request.IgnoreStopped ? now : ConfiguredStarts.Of(host, now).After;
        var counted = CapacityTypes.Find(wanted, at.Gpus).Select(c => (c.Gpu.Address, Type: c.Types[0])).ToList();
        var only = CapacityMapping.Find(host, request.Mapping);
        var named = FunctionUsers.Read(host).All.Select(u => u.Function).ToHashSet();
        var rows = new List<VgpuPlacementInfo>();
        var (refusal, lacking) = ((VgpuException?)null, "");
        while (rows.Count < request.Count)
        {
            var finder = new PlaceFinder(at, only, named, request.Mapping is not null);
            var places = finder.Find(counted);
            if (Place(at, places, request, LastVmId - rows.Count, ref refusal) is not { } row)
            {
                lacking = finder.Explain(counted);
                break;
            }

            row.Number = rows.Count + 1;
            rows.Add(row);
        }

        return new PlacementReport(
            rows, rows.Count == request.Count ? null : refusal?.Message ?? lacking,
            rows.Count < request.Count && MovesHelp(at, counted));
    }

    private static VgpuPlacementInfo? Place(
        StartSimulation at, IReadOnlyList<PricedGpuPlace> places, FindPlacementRequest request, int vm,
        ref VgpuException? refusal)
    {
        foreach (var (index, place) in places.Index())
        {
            var device = VgpuRequest.Text(request.Mapping) is { } id ? $"mapping={id}" : place.Function.ToString();
            try
            {
                var requests = at.ReadRequests(
                    new VmId(vm), $"hostpci0: {device},mdev={place.Type.Id.MdevName}\nmemory: 16\n");
                var plan = at.Start(
                    new VmId(vm), requests, new VmNeeds(request.VmMemoryMiB ?? 0, request.VmCpus ?? 0));
                return Describe(at, place, plan, index + 1 < places.Count ? places[index + 1] : null, request);
            }
            catch (VgpuException e)
            {
                refusal ??= e;
            }
        }

        return null;
    }

    private static VgpuPlacementInfo Describe(
        StartSimulation at, PricedGpuPlace place, StartPlan plan, PricedGpuPlace? next, FindPlacementRequest request)
    {
        var attach = plan.Steps.OfType<AttachDeviceStep>().Single();
        var gpu = at.Gpus.First(g => g.Address == attach.Gpu);
        var created = plan.Steps.OfType<CreateInstanceStep>().FirstOrDefault();
        var window = created?.Placement ?? place.Window;
        return new VgpuPlacementInfo
        {
            VgpuType = place.Type.ShortName,
            InstanceProfile = place.Type.Profile is { } profile ? gpu.NameOf(profile) : null,
            GpuIndex = gpu.Index,
            GpuUuid = gpu.Uuid.Value,
            GpuAddress = gpu.Address.ToString(),
            Model = gpu.Model,
            FunctionAddress = request.Mapping is null ? attach.Function.ToString() : null,
            Mapping = VgpuRequest.Text(request.Mapping),
            Placement = window?.ToString(),
            IsThere = place.Type.IsMigBacked && created is null,
            Cost = place.Cost,
            RunnerUp = next is null ? null : $"GPU {at.Gpus.First(g => g.Address == next.Gpu).Index}"
                + (next.Window is { } w ? $" at {w}" : ""),
            RunnerUpCost = next?.Cost,
            Reason = place.Reason,
        };
    }

    /// <summary>
    /// Whether one more would fit if VMs were started again elsewhere: all instances that VMs use may move, the others
    /// stay.
    /// </summary>
    private static bool MovesHelp(StartSimulation at, IReadOnlyList<(PciAddress Address, VgpuType Type)> counted)
    {
        var gpus = at.Gpus.Where(g => g.MigIsOn && counted.Any(c => c.Address == g.Address && c.Type.IsMigBacked))
            .ToList();
        var items = new List<PackItem>();
        var packs = new List<PackGpu>();
        foreach (var gpu in gpus)
        {
            var used = gpu.Active.Select(a => a.GpuInstance).ToHashSet();
            var moving = gpu.Instances.Where(i => used.Contains(i.Id)).ToList();
            var alike = Enumerable.Range(0, gpus.Count).Where(i => gpus[i].Model == gpu.Model).ToList();
            items.AddRange(moving.Select(i => new PackItem(gpu.NameOf(i.Profile), alike)));
            packs.Add(new PackGpu(
                ProfileShape.From(gpu.Profiles),
                (gpu with { Instances = [.. gpu.Instances.Except(moving)] }).Occupancy));
        }

        return gpus.Index().Any(g => counted.First(c => c.Address == g.Item.Address).Type.Profile is { } profile
            && InstancePacking.Find(packs, [.. items, new PackItem(g.Item.NameOf(profile), [g.Index])]) is not null);
    }
}

/// <summary>Places for one more vGPU, cheapest first.</summary>
/// <param name="at">The host.</param>
/// <param name="only">Functions of the mapping; null for any.</param>
/// <param name="named">Functions that VMs' configurations name.</param>
/// <param name="isMapped">Whether Proxmox chooses the function, so that names do not matter.</param>
internal sealed class PlaceFinder(
    StartSimulation at, IReadOnlySet<PciAddress>? only, IReadOnlySet<PciAddress> named, bool isMapped)
{
    /// <summary>Finds them.</summary>
    /// <param name="counted">The type on each GPU that has it.</param>
    public IReadOnlyList<PricedGpuPlace> Find(IReadOnlyList<(PciAddress Address, VgpuType Type)> counted)
    {
        var places = new List<(PricedGpuPlace Place, int Left)>();
        foreach (var (address, type) in counted)
        {
            var gpu = at.Gpus.First(g => g.Address == address);
            var rules = at.RulesFor(gpu) with { Only = only };
            var count = new RemainingCapacity(gpu, at.Pending, rules).Count(type).Count;
            var free = RemainingCapacity.FreeFunctions(gpu, rules)
                .Where(f => isMapped || f == address || !named.Contains(f)).ToList();
            if (count > 0 && free.Count > 0)
            {
                places.AddRange(Price(gpu, type, free[0]).Select(p => (p, count)));
            }
        }

        return [.. places.OrderBy(p => p.Place.Cost).ThenBy(p => p.Left).ThenBy(p => p.Place.Gpu).Select(p => p.Place)];
    }

    /// <summary>What the next one lacks on each GPU, as capacity says it.</summary>
    /// <param name="counted">The type on each GPU that has it.</param>
    public string Explain(IReadOnlyList<(PciAddress Address, VgpuType Type)> counted) => "limited by " + string.Join(
        ", ",
        counted.Select(c => (Gpu: at.Gpus.First(g => g.Address == c.Address), c.Type)).Select(c =>
        {
            var count = new RemainingCapacity(c.Gpu, at.Pending, at.RulesFor(c.Gpu) with { Only = only }).Count(c.Type);

            // Where there is room all the same, VMs' configurations name the functions.
            var limit = count.Count > 0 ? CapacityLimit.Functions : count.Limit;
            return string.Create(
                CultureInfo.InvariantCulture, $"{CapacityLimitText.Of(limit)} on GPU {c.Gpu.Index}");
        }));

    private IEnumerable<PricedGpuPlace> Price(GpuState gpu, VgpuType type, PciAddress function)
    {
        if (!type.IsMigBacked)
        {
            return [PriceTimeSliced(gpu, type, function)];
        }

        if (gpu.MigIsOn && GpuCapacity.From(gpu).FindInstance(type) is { } seat
            && gpu.Instances.FirstOrDefault(i => i.Id == seat) is { } there)
        {
            return
            [
                new PricedGpuPlace(
                    gpu.Address, type, function, there.Placement, 0,
                    $"GPU instance {gpu.NameOf(there.Profile)} at {there.Placement} is there and has capacity"),
            ];
        }

        // Of one GPU the hook takes the cheapest place.
        return at.Rank(gpu.NameOf(type.Profile!.Value), [gpu]).Take(1).Select(c => new PricedGpuPlace(
            gpu.Address, type, function, c.Placement, c.Cost,
            string.Create(CultureInfo.InvariantCulture, $"new GPU instance {c.Profile.Name}, {c.Reason}")));
    }

    private static PricedGpuPlace PriceTimeSliced(GpuState gpu, VgpuType type, PciAddress function)
    {
        var sizes = GpuCapacity.Occupants(gpu).Select(o => o.Type.FramebufferMiB).Distinct().ToList();
        var share = type.MaxPerGpu > 0 ? 1.0 / type.MaxPerGpu : 1;
        var (cost, reason) = gpu.MixedSizes ? (share, "its part of a GPU that mixes sizes")
            : sizes.Count > 0 ? (0, "beside vGPUs of its size")
            : (1.0, "an empty GPU, for this size alone then");
        return new PricedGpuPlace(gpu.Address, type, function, null, cost, reason);
    }
}

/// <summary>A place for one more vGPU.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Type">The type.</param>
/// <param name="Function">A free function of the GPU.</param>
/// <param name="Window">Place of the GPU instance; null for a time-sliced type.</param>
/// <param name="Cost">What it costs.</param>
/// <param name="Reason">Why.</param>
internal sealed record PricedGpuPlace(
    PciAddress Gpu, VgpuType Type, PciAddress Function, Placement? Window, double Cost, string Reason);

/// <summary>Asks where the next vGPUs should go; of type, profile and memory exactly one.</summary>
public sealed record FindPlacementRequest
{
    /// <summary>Type: short name, full name, <c>nvidia-690</c> or number.</summary>
    public string? Type { get; init; }

    /// <summary>GPU instance profile.</summary>
    public string? Profile { get; init; }

    /// <summary>Least frame buffer in MiB.</summary>
    public long? MemoryMiB { get; init; }

    /// <summary>How many.</summary>
    public int Count { get; set; } = 1;

    /// <summary>Id of a cluster mapping whose functions alone count; null for all functions.</summary>
    public string? Mapping { get; init; }

    /// <summary>Memory of each VM in MiB; null to leave the host's memory aside.</summary>
    public long? VmMemoryMiB { get; init; }

    /// <summary>CPUs of each VM; null to leave them aside.</summary>
    public int? VmCpus { get; init; }

    /// <summary>Whether only VMs that run count, and not those that are configured and stopped.</summary>
    public bool IgnoreStopped { get; init; }
}

/// <summary>Where vGPUs should go on a host.</summary>
/// <param name="Places">The places in order; fewer than were asked for where not all fit.</param>
/// <param name="Refusal">Why the next one does not fit; null where all do.</param>
/// <param name="MovesHelp">Whether one more would fit if VMs were started again elsewhere.</param>
public sealed record PlacementReport(IReadOnlyList<VgpuPlacementInfo> Places, string? Refusal, bool MovesHelp)
    : IHostRows
{
    /// <inheritdoc/>
    public void Stamp(string host)
    {
        foreach (var row in Places)
        {
            row.VgpuHost = host;
        }
    }
}
