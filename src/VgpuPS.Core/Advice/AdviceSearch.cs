namespace VgpuPS.Core.Advice;

/// <summary>
/// Finds which GPU gives what to whom: for each way of sharing the best of all distributions by
/// <see cref="AdviceScore"/>.
/// </summary>
/// <remarks>
/// GPU by GPU, the best way to every number of VMs that are left. Exact while the numbers are small; else of each group
/// only the counts 0, all, even parts and what remains are tried, the best ways are followed, and in the end each GPU
/// is filled again with those who have no place.
/// </remarks>
internal sealed partial class AdviceSearch
{
    private const int ExactStates = 4_000;
    private const int ExactLooks = 3_000_000;
    private const int BoundedStates = 300;
    private const int BoundedFillings = 400;
    private const int AllBoundedFillings = 6_400;

    private readonly IReadOnlyList<SeatGroup> _groups;
    private readonly IReadOnlyList<AdviceGpu> _gpus;
    private readonly int[] _all;
    private readonly Dictionary<string, IReadOnlyList<Filling>> _fillings = new(StringComparer.Ordinal);

    public AdviceSearch(IReadOnlyList<SeatGroup> groups, IReadOnlyList<AdviceGpu> gpus)
    {
        (_groups, _gpus) = (groups, gpus);
        _all = [.. groups.Select(g => g.Count)];
        IsExact = _all.Aggregate(1.0, (product, count) => product * (count + 1)) <= ExactStates && Fill(exact: true);
        if (!IsExact)
        {
            Fill(exact: false);
        }
    }

    /// <summary>Whether nothing better can have been missed.</summary>
    public bool IsExact { get; }

    /// <summary>The best distribution of each way of sharing that serves anybody, best first.</summary>
    public IReadOnlyList<Distribution> Find()
    {
        var states = new Dictionary<string, State> { [Key(_all, 0)] = new(_all, 0, default, null, null, null) };
        foreach (var gpu in _gpus)
        {
            states = Next(states, gpu);
        }

        return
        [
            .. states.Values.Where(s => s.Ways > 0).GroupBy(s => s.Ways)
                .Select(g => Unwind(g.MaxBy(s => s.Score)!)).Select(d => IsExact ? d : Improve(d))
                .OrderByDescending(d => d.Score).ThenBy(d => d.Ways),
        ];
    }

    private bool Fill(bool exact)
    {
        _fillings.Clear();
        var most = Math.Clamp(AllBoundedFillings / Math.Max(1, _gpus.Count), BoundedFillings / 4, BoundedFillings);
        foreach (var gpu in _gpus.DistinctBy(g => g.Kind))
        {
            var alike = _gpus.Count(g => g.Kind == gpu.Kind);
            if (!exact && _groups.Count > MaxGroupsTogether)
            {
                _fillings[gpu.Kind] = FindInWindows(gpu, alike);
                continue;
            }

            var finder = new FillingFinder(gpu, _groups, [.. _all.Select(c => Values(c, alike, exact))], exact);
            var found = finder.Find();
            if (exact && (!finder.IsComplete || found.Count * ExactStates > ExactLooks * 4L))
            {
                return false;
            }

            _fillings[gpu.Kind] = exact ? found : finder.IsComplete ? Promising(found, most)
                : [.. Promising(found, most).Concat(FindInWindows(gpu, alike))
                    .DistinctBy(f => (string.Join(',', f.Counts), f.IsMig))];
        }

        return !exact || _gpus.Sum(g => (long)_fillings[g.Kind].Count) * States() <= ExactLooks;
    }

    private long States() => _all.Aggregate(1L, (product, count) => product * (count + 1));

    private static IReadOnlyList<int> Values(int count, int gpus, bool exact) => exact
        ? [.. Enumerable.Range(0, count + 1)]
        : [.. Enumerable.Range(0, Math.Min(count, 7) + 1)
            .Concat([count, count / gpus, (count + gpus - 1) / gpus, 8, 10, 12, 16, 20, 24, 32, 48])
            .Where(v => v <= count).Distinct().Order()];

    private IReadOnlyList<Filling> Promising(IReadOnlyList<Filling> found, int most) =>
    [
        .. found.Take(most / 2).Union(
            found.OrderByDescending(f => Memory(f.Counts)).ThenByDescending(f => f.Score).Take(most / 2)),
    ];

    private Dictionary<string, State> Next(Dictionary<string, State> states, AdviceGpu gpu)
    {
        var next = new Dictionary<string, State>(states, StringComparer.Ordinal);
        foreach (var state in states.Values)
        {
            foreach (var filling in _fillings[gpu.Kind])
            {
                if (state.After(filling, gpu) is not { } after)
                {
                    continue;
                }

                var key = Key(after.Left, after.Ways);
                if (!next.TryGetValue(key, out var known) || after.Score.CompareTo(known.Score) > 0)
                {
                    next[key] = after;
                }
            }
        }

        return IsExact || next.Count <= BoundedStates ? next
            : next.GroupBy(n => n.Value.Ways).SelectMany(g => Promising(g.OrderBy(n => n.Key, StringComparer.Ordinal)))
                .ToDictionary(n => n.Key, n => n.Value, StringComparer.Ordinal);
    }

    /// <summary>The best so far, and those that have placed most memory: large vGPUs are hard to place
    /// later.</summary>
    private IEnumerable<KeyValuePair<string, State>> Promising(IEnumerable<KeyValuePair<string, State>> states)
    {
        var all = states.ToList();
        return all.OrderByDescending(s => s.Value.Score).Take(BoundedStates / 3)
            .UnionBy(
                all.OrderBy(s => Memory(s.Value.Left)).ThenByDescending(s => s.Value.Score).Take(BoundedStates / 3),
                s => s.Key);
    }

    private long Memory(int[] counts) => counts.Zip(_groups).Sum(c => c.First * c.Second.Needs.MemoryMiB);

    private static string Key(int[] left, int ways) => string.Create(left.Length + 1, (left, ways), static (key, of) =>
    {
        key[0] = (char)('0' + of.ways);
        for (var i = 0; i < of.left.Length; i++)
        {
            key[i + 1] = (char)(of.left[i] + 1);
        }
    });

    private static Distribution Unwind(State last)
    {
        var parts = new List<(AdviceGpu, Filling)>();
        for (var state = last; state.Before is { } before; state = before)
        {
            parts.Add((state.Gpu!, state.Filling!));
        }

        parts.Reverse();
        return new Distribution(parts, last.Left, last.Score);
    }

    private sealed record State(
        int[] Left, int Ways, AdviceScore Score, State? Before, AdviceGpu? Gpu, Filling? Filling)
    {
        public State? After(Filling filling, AdviceGpu gpu)
        {
            foreach (var part in filling.Parts)
            {
                if (Left[part.Group] < part.Count)
                {
                    return null;
                }
            }

            var left = (int[])Left.Clone();
            foreach (var part in filling.Parts)
            {
                left[part.Group] -= part.Count;
            }

            return new State(left, Ways | (filling.IsMig ? 2 : 1), Score + filling.Score, this, gpu, filling);
        }
    }
}

/// <summary>Which GPU gives what.</summary>
/// <param name="Gpus">The GPUs that are used, ascending.</param>
/// <param name="Left">VMs of each group that have no place.</param>
/// <param name="Score">How good it is.</param>
internal sealed record Distribution(
    IReadOnlyList<(AdviceGpu Gpu, Filling Filling)> Gpus, IReadOnlyList<int> Left, AdviceScore Score)
{
    /// <summary>1 with time-sliced GPUs, 2 with MIG-backed ones, 3 with both.</summary>
    public int Ways => Gpus.Aggregate(0, (ways, g) => ways | (g.Filling.IsMig ? 2 : 1));

    /// <summary><c>TimeSliced</c>, <c>MigBacked</c>, or <c>Mixed</c> where GPUs differ.</summary>
    public string Sharing => Gpus.All(g => g.Filling.IsMig) ? "MigBacked"
        : Gpus.Any(g => g.Filling.IsMig) ? "Mixed" : "TimeSliced";
}
