using VgpuPS.Core.Rows;

namespace VgpuPS.Core.Advice;

/// <summary>Says how GPUs should be shared among tenants: which of them in time slices, which in GPU instances, which
/// vGPU for whom. Pure: what hosts have was read before.</summary>
public sealed partial class VgpuAdvisor
{
    private readonly IReadOnlyList<Tenant> _tenants;
    private readonly IReadOnlyList<AdviceGpu> _gpus;
    private readonly IReadOnlyDictionary<int, AdviceVm> _vms;
    private readonly IReadOnlyList<SeatGroup> _groups;
    private readonly ExpectedFigures _figures;
    private readonly IReadOnlyList<(int VmId, string Host)> _served;

    /// <summary>Prepares it.</summary>
    /// <param name="tenants">The tenants, names unique.</param>
    /// <param name="hosts">The hosts by name, in order.</param>
    /// <param name="measurements">Results of <c>Measure-VgpuPerformance</c>; those of other hosts are left
    /// aside.</param>
    public VgpuAdvisor(
        IReadOnlyList<Tenant> tenants, IReadOnlyList<AdviceHost> hosts,
        IReadOnlyList<VgpuPerformanceInfo> measurements)
    {
        _tenants = tenants;
        _gpus = [.. hosts.SelectMany(h => h.Gpus)];
        _figures = new ExpectedFigures(measurements);
        _vms = hosts.SelectMany(h => h.Vms).DistinctBy(v => v.VmId).ToDictionary(v => v.VmId);
        var homes = hosts.Where(h => h.Gpus.Count > 0)
            .SelectMany(h => h.Vms.Select(v => (v.VmId, h.Gpus[0].Host))).DistinctBy(v => v.VmId)
            .ToDictionary(v => v.VmId, v => v.Host);
        _served = FindServed(tenants, homes);
        _groups = SeatGroup.Of(
            tenants.Where(t => t.Contradiction is null), homes, Served.ToHashSet());
    }

    /// <summary>VMs of tenants that have vGPUs on these GPUs already, ascending: they keep them and are not
    /// counted.</summary>
    public IReadOnlyList<int> Served => [.. _served.Select(s => s.VmId)];

    private IReadOnlyList<(int VmId, string Host)> FindServed(
        IReadOnlyList<Tenant> tenants, Dictionary<int, string> homes)
    {
        var named = tenants.SelectMany(t => t.VmIds).ToHashSet();
        return
        [
            .. _gpus.SelectMany(g => g.Occupants, (g, o) => (o.VmId, g.Host))
                .Where(o => o.VmId is { } vm && named.Contains(vm) && homes.GetValueOrDefault(vm) == o.Host)
                .Select(o => (VmId: o.VmId!.Value, o.Host)).Distinct().OrderBy(o => o.VmId),
        ];
    }

    /// <summary>Weighs the ways of sharing.</summary>
    /// <returns>Best first, each with a row for each host that has a part in it; empty where no tenant can have
    /// anything, or all are <see cref="Served"/>.</returns>
    public IReadOnlyList<IReadOnlyList<VgpuAdviceInfo>> Advise()
    {
        var search = new AdviceSearch(_groups, _gpus);
        return [.. search.Find().Select((d, i) => Describe(d, i + 1, search.IsExact))];
    }

    /// <summary>What each tenant lacks where none can have anything; empty where all are
    /// <see cref="Served"/>.</summary>
    public IReadOnlyList<VgpuAdviceGap> ExplainNothing() => FindGaps([], [.. _groups.Select(g => g.Count)], true);

    private IReadOnlyList<VgpuAdviceInfo> Describe(Distribution distribution, int rank, bool isExact)
    {
        var seated = Seating.Of(distribution, _groups);
        var gaps = FindGaps(seated, distribution.Left, isExact);
        return [.. distribution.Gpus.GroupBy(g => g.Gpu.Host).Select(host =>
        {
            var own = seated.Where(s => s.Gpu.Host == host.Key).ToList();
            var row = new VgpuAdviceInfo
            {
                VgpuHost = host.Key,
                Rank = rank,
                Sharing = distribution.Sharing,
                Gpus = [.. host.Select(g => Describe(g.Gpu, g.Filling))],
                Tenants = DescribeTenants(own, host),
                Unsatisfied = gaps,
                Reasons = FindReasons(own),
                Assignments = Assign(own),
                Layout = AdviceLayout.Of([.. host]),
                IsExact = isExact,
                Notes = FindNotes(host.Key, own, distribution.Left.Any(l => l > 0), isExact),
                Lines = [],
            };
            return row with { VgpuHost = host.Key, Lines = AdviceText.Write(row) };
        })];
    }

    private static VgpuAdviceGpu Describe(AdviceGpu gpu, Filling filling) => new(
        gpu.Index, AdviceLayout.Known(gpu.Uuid), AdviceLayout.Known(gpu.Address), gpu.Model,
        filling.IsMig ? "MigBacked" : "TimeSliced",
        SchedulerOf(gpu, filling)?.ToString(),
        Count(filling.NewInstances.Select(p => p.Name)),
        Count(filling.Parts.SelectMany(p => Enumerable.Repeat(p.Seat.Type.Name, p.Count))),
        gpu.HasMig && gpu.MigIsOn != filling.IsMig)
    {
        MixedSizes = filling.HasMixedSizes,
    };

    private static SchedulerPolicy? SchedulerOf(AdviceGpu gpu, Filling filling) => filling.IsMig ? null
        : filling.HasFixedShares ? SchedulerPolicy.FixedShare
        : gpu.Occupants.Count > 0 ? gpu.Scheduler : SchedulerPolicy.BestEffort;

    private static IReadOnlyList<VgpuAdviceCount> Count(IEnumerable<string> names) =>
        [.. names.GroupBy(n => n).Select(g => new VgpuAdviceCount(g.Key, g.Count()))];

    private IReadOnlyList<VgpuAdviceTenant> DescribeTenants(
        IReadOnlyList<Seated> seated, IEnumerable<(AdviceGpu Gpu, Filling Filling)> gpus)
    {
        var loads = gpus.ToDictionary(
            g => g.Gpu,
            g => (Vgpus: g.Filling.Total + g.Gpu.Occupants.Count, Scheduler: SchedulerOf(g.Gpu, g.Filling)));
        return
        [
            .. seated.GroupBy(s => (s.Seat.Tenant.Name, s.Gpu, s.Vgpu.Type)).Select(g => new VgpuAdviceTenant
            {
                Tenant = g.Key.Name,
                Count = g.Count(),
                VgpuType = g.Key.Type.Name,
                InstanceProfile = g.Key.Type.Profile,
                GpuIndex = g.Key.Gpu.Index,
                Sharing = g.First().Vgpu.Sharing,
                Figures = _figures.Find(
                    g.Key.Gpu, g.First().Vgpu, loads[g.Key.Gpu].Vgpus, loads[g.Key.Gpu].Scheduler),
            })
            .OrderBy(t => Order(t.Tenant)).ThenBy(t => t.GpuIndex).ThenBy(t => t.VgpuType, StringComparer.Ordinal),
        ];
    }

    private int Order(string tenant) => _tenants.Index().First(t => t.Item.Name == tenant).Index;

    private IReadOnlyList<VgpuAdviceReason> FindReasons(IReadOnlyList<Seated> seated)
    {
        var explained = seated.SelectMany(s => AdviceRules.Explain(s)
            .Select(r => (Rule: r, s.Seat.Tenant.Name))).Distinct().ToList();
        return
        [
            .. AdviceRules.All.Where(r => explained.Exists(t => t.Rule == r)).Select(r => new VgpuAdviceReason(
                r.Name, [.. explained.Where(t => t.Rule == r).Select(t => t.Name).Distinct().OrderBy(Order)], r.Text,
                r.Source)),
            new(AdviceRules.SharedAnyway.Name, [], AdviceRules.SharedAnyway.Text, AdviceRules.SharedAnyway.Source),
        ];
    }

    private List<VgpuAdviceAssignment> Assign(IReadOnlyList<Seated> seated) =>
    [
        .. seated.Where(s => s.Seat.VmId is { } vm && _vms.GetValueOrDefault(vm)?.HasVgpu != true)
            .Select(s => new VgpuAdviceAssignment
            {
                VgpuHost = s.Gpu.Host,
                Tenant = s.Seat.Tenant.Name,
                VmId = s.Seat.VmId!.Value,
                VgpuType = s.Vgpu.Type.Name,
                InstanceProfile = s.Vgpu.Type.Profile,
                GpuUuid = AdviceLayout.Known(s.Gpu.Uuid),
                FunctionAddress = s.Function,
                Parameter = s.Seat.Tenant.UnifiedMemory ? "enable_uvm=1" : "",
            })
            .OrderBy(a => a.VmId),
    ];

    private IReadOnlyList<string> FindNotes(
        string host, IReadOnlyList<Seated> seated, bool leavesSome, bool isExact)
    {
        var own = seated.Select(s => s.Gpu).Distinct().ToList();
        var notes = new List<string>(
        [
            .. FindVmNotes(host, seated), .. FindGpuNotes(host, own, leavesSome),
            .. FindSizeNotes(host, seated, leavesSome),
        ]);
        if (own.Exists(_figures.IsSimulated))
        {
            notes.Add("the measured figures came from a simulated GPU");
        }

        if (!isExact)
        {
            notes.Add("there are too many combinations to weigh all; the more promising ones were");
        }

        return notes;
    }

    private IEnumerable<string> FindVmNotes(string host, IReadOnlyList<Seated> seated)
    {
        foreach (var (vm, _) in _served.Where(s => s.Host == host))
        {
            yield return Invariant($"VM {vm} keeps the vGPU that it has, and is not counted; for another one ")
                + Invariant($"Remove-VmVgpu {vm}, and ask again");
        }

        foreach (var vm in seated.Select(s => s.Seat.VmId).OfType<int>().Order())
        {
            if (_vms.Count > 0 && !_vms.ContainsKey(vm))
            {
                yield return Invariant($"VM {vm} is on none of the hosts; create it before Add-VmVgpu");
            }
            else if (_vms.GetValueOrDefault(vm)?.HasVgpu == true)
            {
                yield return Invariant(
                    $"VM {vm} has a vGPU already and is not assigned another: Remove-VmVgpu {vm}, and ask again");
            }
        }

        var migrating = Assign([.. seated.Where(s => s.Seat.Tenant.LiveMigration)])
            .Where(a => a.FunctionAddress is not null).ToList();
        if (migrating.Count > 0)
        {
            yield return $"Proxmox migrates no VM that names a function, as {string.Join(", ", migrating)} would: "
                + "name a mapping for it, New-VgpuMapping <name> <GPU> -LiveMigration, then Add-VmVgpu -Mapping <name>";
        }
    }

    private IEnumerable<string> FindGpuNotes(string host, IReadOnlyList<AdviceGpu> own, bool leavesSome)
    {
        foreach (var gpu in own.Where(g => g.Occupants.Count > 0))
        {
            yield return $"{gpu} keeps what VMs have on it: "
                + string.Join(", ", gpu.Occupants.Select(DescribeOccupant));
        }

        var spare = _gpus.Where(g => g.Host == host && g.Obstacle is null && !own.Contains(g))
            .ToLookup(g => g.Occupants.Count == 0 || _groups.Any(t => CanServe(t, [g])));
        if (spare[true].ToList() is { Count: > 0 } free)
        {
            yield return string.Join(", ", free) + (
                leavesSome ? (free.Count == 1 ? " serves" : " serve") + " none of those without a place"
                : (free.Count == 1 ? " is" : " are") + " not needed");
        }

        if (spare[false].ToList() is { Count: > 0 } full)
        {
            yield return $"{string.Join(", ", full)} {(full.Count == 1 ? "has" : "have")} nothing for these tenants";
        }

        foreach (var gpu in _gpus.Where(g => g.Host == host && g.Obstacle is not null))
        {
            yield return $"{gpu} is left aside: {gpu.Obstacle}";
        }
    }

    /// <summary>What would let tenants of several sizes share a GPU, and why it is not done.</summary>
    private IEnumerable<string> FindSizeNotes(string host, IReadOnlyList<Seated> seated, bool leavesSome)
    {
        var areSeveral = _groups.Select(g => g.Needs.MemoryMiB).Distinct().Count() > 1;
        foreach (var gpu in _gpus.Where(g => g.Host == host && g is { Obstacle: null, MigIsOn: false }))
        {
            var own = seated.Where(s => s.Gpu == gpu).ToList();
            if (own.Exists(s => s.HasMixedSizes))
            {
                if (!gpu.MixedSizes && AdviceLayout.Known(gpu.Address) is not null)
                {
                    yield return $"mixed sizes of {gpu} are off again after a reboot of the host, unless its layout is "
                        + "saved once they are on: Export-VgpuLayout -Save";
                }
            }
            else if (!gpu.MayMixSizes && own.TrueForAll(s => s.Vgpu.Type.Profile is null)
                && (own.Exists(s => AdviceRules.Explain(s).Contains(AdviceRules.OneSize))
                    || (leavesSome && (areSeveral || gpu.Occupants.Count > 0))))
            {
                yield return gpu.CanMixSizes switch
                {
                    true => Invariant(
                        $"{gpu} mixes sizes only once no vGPU is on it: Enable-VgpuMixedSize {gpu.Index}"),
                    false => $"{gpu} cannot mix sizes of time-sliced vGPUs",
                    null => $"whether {gpu} can mix sizes of time-sliced vGPUs, its driver does not say",
                };
            }
        }
    }

    private static string DescribeOccupant(AdviceOccupant occupant) =>
        (occupant.VmId is { } vm ? Invariant($"{occupant.VgpuType} of VM {vm}") : occupant.VgpuType)
        + (occupant.IsRunning ? "" : " (configured)");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
