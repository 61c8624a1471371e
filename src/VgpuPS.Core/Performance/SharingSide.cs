using VgpuPS.Core.Rows;

namespace VgpuPS.Core.Performance;

/// <summary>One of two sets of measurements: its vGPUs, and a figure for each workload and mode.</summary>
internal sealed class SharingSide
{
    public const string TimeSliced = "TimeSliced";
    public const string MigBacked = "MigBacked";

    private readonly Dictionary<(string Workload, string Mode), SharingFigure> _figures;

    /// <summary>A side.</summary>
    /// <param name="name">What it is called in messages: <c>reference</c>.</param>
    /// <param name="results">Its results; those of a VM that was measured again are pooled.</param>
    /// <exception cref="InvalidRequestException">They are not of one kind.</exception>
    public SharingSide(string name, IReadOnlyList<VgpuPerformanceInfo> results)
    {
        (Name, Results) = (name, results);
        Demand(Distinct(r => r.Sharing), "of several kinds of vGPUs", "Sharing");
        Demand(Distinct(r => r.IsSimulated ? "$true" : "$false"), "of a GPU and of the model of one, simulated",
            "IsSimulated");
        foreach (var one in results.GroupBy(r => r.Workload))
        {
            Demand([.. one.Select(r => r.Tool).Distinct()], $"of {one.Key} by several tools", "Tool");
        }

        foreach (var one in results.Where(r => r.Mode == nameof(LoadMode.Loaded)).GroupBy(r => r.Workload))
        {
            Demand([.. one.Select(r => Number(r.WorkingCount)).Distinct()],
                $"of {one.Key} with several numbers of vGPUs at work at once", "WorkingCount");
        }

        _figures = results.GroupBy(r => (r.Workload, r.Mode))
            .ToDictionary(g => g.Key, g => new SharingFigure(name, [.. g]));
    }

    /// <summary>What it is called in messages.</summary>
    public string Name { get; }

    /// <summary>Its results.</summary>
    public IReadOnlyList<VgpuPerformanceInfo> Results { get; }

    /// <summary><see cref="TimeSliced"/> or <see cref="MigBacked"/>; null without results.</summary>
    public string? Sharing => Results.Count > 0 ? Results[0].Sharing : null;

    /// <summary>Its vGPUs: <c>4 x A30-6C time-sliced</c>; null without results.</summary>
    public string? Text
    {
        get
        {
            var types = Results.GroupBy(r => r.VgpuType).ToList();
            return types.Count == 0 ? null : string.Join(", ", types.Select(t => types.Count == 1
                ? $"{string.Join(" or ", t.Select(r => r.VgpuCount).Distinct().Order().Select(Number))} x {t.Key}"
                : $"{Number(t.Select(r => (r.GpuUuid, r.VmId)).Distinct().Count())} x {t.Key}"))
                + (Sharing == MigBacked ? " MIG-backed" : " time-sliced");
        }
    }

    /// <summary>Its figure; null where it has none.</summary>
    public SharingFigure? Find(string workload, string mode) => _figures.GetValueOrDefault((workload, mode));

    /// <summary>Different texts of its results, sorted; without those that are not known.</summary>
    public IReadOnlyList<string> Distinct(Func<VgpuPerformanceInfo, string?> member) =>
        [.. Results.Select(member).OfType<string>().Where(t => t.Length > 0).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>What context switching costs of the GPU, from 0 to 1; null where it cannot be said.</summary>
    /// <remarks>Source: facts/measuring.md F23: idle, a time-sliced vGPU has the whole GPU; not so with equal and
    /// fixed share, by facts/host-behaviour.md 6 (assumed).</remarks>
    public double? SwitchingPrice(string workload, string mode) =>
        Sharing == TimeSliced && mode == nameof(LoadMode.Loaded)
        && !Results.Any(r => r.Conditions.Scheduler is { } policy && policy != nameof(SchedulerPolicy.BestEffort))
        && Find(workload, mode) is { WorkingCount: > 1 } loaded
        && Find(workload, nameof(LoadMode.Idle)) is { Value: > 0 } idle ? 1 - (loaded.Sum / idle.Value) : null;

    /// <summary>What becomes of a vGPU's value once all work, in percent; null where it cannot be said.</summary>
    public double? LoadedChangePercent(string workload, string mode) =>
        mode == nameof(LoadMode.Loaded) && Find(workload, mode) is { } loaded
        && Find(workload, nameof(LoadMode.Idle)) is { Value: > 0 } idle
            ? 100 * ((loaded.Value / idle.Value) - 1) : null;

    internal static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private void Demand(IReadOnlyList<string> kinds, string what, string member)
    {
        if (kinds.Count > 1)
        {
            throw new InvalidRequestException(
                ErrorIds.MeasurementsNotComparable,
                $"the {Name} has results {what}, which have no common mean: {member} is {string.Join(" and ", kinds)}",
                $"choose those of one: $results | Where-Object {member} -EQ {kinds[0]}", Name);
        }
    }
}

/// <summary>What the vGPUs of a side deliver in one workload and mode.</summary>
internal sealed class SharingFigure
{
    private const double Half = 0.5;

    /// <summary>A figure of results of one workload and mode.</summary>
    public SharingFigure(string side, IReadOnlyList<VgpuPerformanceInfo> results)
    {
        var vms = results.GroupBy(r => (r.VmId, r.GpuUuid)).OrderBy(g => g.Key.VmId).ToList();
        Values = [.. vms.Select(vm => vm.Average(r => r.Value))];
        Value = Values.Average();
        WorkingCount = results.Max(r => r.WorkingCount);
        Sum = Value * WorkingCount;
        var peaks = results.DistinctBy(r => r.GpuUuid).Select(r => r.GpuPeak).ToList();
        Peak = peaks.Contains(null) ? null : peaks.Average();
        List<double> noises = [.. vms.Select(Noises).OfType<double>()];
        Noise = noises.Count > 0 ? noises.Average() : null;
        var missing = results[0].Mode == nameof(LoadMode.Idle) ? 0
            : WorkingCount - vms.GroupBy(vm => vm.Key.GpuUuid).Max(gpu => gpu.Count());
        var notes = results.SelectMany(r => r.Notes.Select(n => (Note: n, r.VmId))).GroupBy(n => n.Note, n => n.VmId)
            .Select(n => $"{side}, VM {string.Join(", ", n.Distinct().Order().Select(SharingSide.Number))}: {n.Key}");
        Notes = missing <= 0 ? [.. notes] :
        [
            $"{side}: {SharingSide.Number(missing)} of {SharingSide.Number(WorkingCount)} vGPUs that worked have no "
                + "result; the sum counts the mean for them",
            .. notes,
        ];
    }

    /// <summary>Mean over the VMs.</summary>
    public double Value { get; }

    /// <summary>The VMs' figures, in ascending VM id.</summary>
    public IReadOnlyList<double> Values { get; }

    /// <summary>How many vGPUs of a GPU worked at once.</summary>
    public int WorkingCount { get; }

    /// <summary>What these delivered together; the mean of the GPUs where there are several.</summary>
    public double Sum { get; }

    /// <summary>What the board can at most; null where it is not known.</summary>
    public double? Peak { get; }

    /// <summary>How far the figure of a VM goes up and down; null where it is not known.</summary>
    public double? Noise { get; }

    /// <summary>What there is to know about it, in words.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Half the spread of a VM's figures, or what repeats differ by where that is more.</summary>
    private static double? Noises(IEnumerable<VgpuPerformanceInfo> repeats)
    {
        List<double> values = [.. repeats.Select(r => r.Value)];
        List<double> spreads = [.. repeats.Select(r => r.Spread).OfType<double>()];
        if (values.Count < 2)
        {
            return spreads.Count > 0 ? Half * spreads[0] : null;
        }

        var mean = values.Average();
        var deviation = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1));
        return spreads.Count > 0 ? Math.Max(deviation, Half * spreads.Average()) : deviation;
    }
}
