namespace VgpuPS.Core.Advice;

/// <content>What is tried where the combinations are too many: neighbouring groups together, then for each GPU those
/// who have no place.</content>
internal sealed partial class AdviceSearch
{
    private const int MaxGroupsTogether = 12;
    private const double WindowCombinations = 500;
    private const int WindowFillings = 6;
    private const int AddedGroups = 8;
    private const int MaxImprovedGpus = 32;
    private const int MaxRounds = 4;

    /// <summary>Fillings of one GPU by groups that suit each other: of one way of sharing, and of sizes that are
    /// near.</summary>
    private IReadOnlyList<Filling> FindInWindows(AdviceGpu gpu, int alike) =>
    [
        .. Windows(alike).SelectMany(w =>
                Find(gpu, w, i => Values(_all[i], alike, exact: false)).GroupBy(f => f.IsMig)
                    .SelectMany(f => Promising([.. f], WindowFillings)))
            .DistinctBy(f => (string.Join(',', f.Counts), f.IsMig)),
    ];

    /// <summary>Fillings by some groups alone, best first.</summary>
    private IReadOnlyList<Filling> Find(AdviceGpu gpu, IReadOnlyList<int> some, Func<int, IReadOnlyList<int>> values) =>
    [
        .. new FillingFinder(gpu, [.. some.Select(i => _groups[i])], [.. some.Select(values)], isExact: false)
            .Find().Select(f =>
        {
            var counts = new int[_all.Length];
            foreach (var part in f.Parts)
            {
                counts[some[part.Group]] = part.Count;
            }

            return f with { Counts = counts, Parts = [.. f.Parts.Select(p => p with { Group = some[p.Group] })] };
        }),
    ];

    /// <summary>Groups that are tried together; each shares half of its groups with the next.</summary>
    private IEnumerable<IReadOnlyList<int>> Windows(int alike)
    {
        var order = _groups.Index().OrderBy(g => AdviceRules.WeighTimeSlices(g.Item.Needs) > 0)
            .ThenBy(g => g.Item.Host, StringComparer.Ordinal).ThenBy(g => g.Item.Needs.MemoryMiB)
            .Select(g => g.Index).ToList();
        for (var start = 0; start < order.Count;)
        {
            var (size, combinations) = (0, 1.0);
            while (start + size < order.Count && (size == 0 || combinations <= WindowCombinations))
            {
                combinations *= Values(_all[order[start + size]], alike, exact: false).Count;
                size++;
            }

            yield return [.. order.Skip(start).Take(size).Order()];
            start += start + size == order.Count ? size : Math.Max(1, size / 2);
        }
    }

    /// <summary>Adds those who have no place to GPU by GPU, beside whom it serves already.</summary>
    private Distribution Improve(Distribution distribution)
    {
        var (left, ways) = (distribution.Left.ToArray(), distribution.Ways);
        var fillings = distribution.Gpus.ToDictionary(g => g.Gpu, g => g.Filling);
        var isBetter = _gpus.Count <= MaxImprovedGpus;
        for (var round = 0; isBetter && round < MaxRounds && left.Any(l => l > 0); round++)
        {
            isBetter = false;
            foreach (var gpu in _gpus)
            {
                isBetter |= Improve(gpu, fillings, left, ways);
            }
        }

        return new Distribution(
            [.. _gpus.Where(fillings.ContainsKey).Select(g => (g, fillings[g]))], left,
            fillings.Values.Aggregate(default(AdviceScore), (sum, f) => sum + f.Score));
    }

    private bool Improve(AdviceGpu gpu, Dictionary<AdviceGpu, Filling> fillings, int[] left, int ways)
    {
        var own = fillings.GetValueOrDefault(gpu);
        var kept = own?.Counts ?? new int[left.Length];
        var added = Enumerable.Range(0, left.Length).Where(i => left[i] > 0)
            .OrderBy(i => _groups[i].Needs.MemoryMiB).Take(AddedGroups).ToHashSet();
        var best = Find(
            gpu, [.. Enumerable.Range(0, left.Length).Where(i => kept[i] > 0 || added.Contains(i))],
            i => [.. Enumerable.Range(kept[i], added.Contains(i) ? Math.Min(left[i], 7) + 1 : 1)])
            .FirstOrDefault(f => own is not null ? f.IsMig == own.IsMig : (ways & (f.IsMig ? 2 : 1)) != 0);
        if (best is null || (own is not null && best.Score.CompareTo(own.Score) <= 0))
        {
            return false;
        }

        for (var i = 0; i < left.Length; i++)
        {
            left[i] += kept[i] - best.Counts[i];
        }

        fillings[gpu] = best;
        return true;
    }
}
