namespace VgpuPS.Core.Planning;

/// <summary>
/// Finds the fewest holders whose stop frees capacity for requested instances: for good, or until the requested ones
/// have started and
/// the holders can start again beside them.
/// </summary>
/// <remarks>
/// Source: planner.md 5.1. Among sets of one size the one with the fewest memory slices is taken, then the lowest
/// numbers; the study takes the least loss of Phi first, which needs a price table.
/// </remarks>
public sealed class CapacitySearch
{
    /// <summary>Steps looked at before giving up: then the set found is not known to be the smallest, or none is
    /// found.</summary>
    public const int StepLimit = 200_000;

    private readonly IReadOnlyList<PackGpu> _gpus;
    private readonly IReadOnlyList<HeldInstance> _held;
    private readonly bool _restarts;
    private int _steps;
    private int _limit;
    private (int Slices, int[] Holders)? _best;

    private CapacitySearch(IReadOnlyList<PackGpu> gpus, IReadOnlyList<HeldInstance> held, bool restarts)
    {
        _gpus = gpus;
        _held = held;
        _restarts = restarts;
    }

    /// <summary>Finds the set.</summary>
    /// <param name="gpus">The GPUs, with all that is on them.</param>
    /// <param name="held">Those of their instances that go when a VM stops; all others stay.</param>
    /// <param name="wanted">What needs capacity.</param>
    /// <param name="restarts">Whether those who stop must fit again.</param>
    /// <param name="limit">The most that may stop.</param>
    /// <returns>The holders, ascending; empty when there is capacity already; null when no such set does.</returns>
    public static IReadOnlyList<int>? FindStops(
        IReadOnlyList<PackGpu> gpus, IReadOnlyList<HeldInstance> held, IReadOnlyList<PackItem> wanted, bool restarts,
        int limit)
    {
        if (restarts && !MayFitTogether(gpus, held, wanted))
        {
            return null;
        }

        var search = new CapacitySearch(gpus, held, restarts);
        var all = held.SelectMany(h => h.Holders).Distinct().Count();
        for (search._limit = 0; search._limit <= Math.Min(limit, all) && search._best is null; search._limit++)
        {
            search.Place([.. wanted], [], [.. gpus.Select(g => g.Occupancy)]);
        }

        return search._best?.Holders;
    }

    /// <summary>By counting, whether all could share the GPUs if even what must stay could move.</summary>
    private static bool MayFitTogether(
        IReadOnlyList<PackGpu> gpus, IReadOnlyList<HeldInstance> held, IReadOnlyList<PackItem> wanted)
    {
        var stays = gpus.Select((g, i) =>
            g.Occupancy.Mask & ~held.Where(h => h.Gpu == i).Aggregate(0u, (mask, h) => mask | h.Window.Mask));
        var shapes = gpus.Select(g => g.Shapes).Distinct().ToList();
        if (shapes.Count != 1 || stays.Any(m => m != 0) || RepackBound.For(shapes[0]) is not { } bound)
        {
            return true;
        }

        var names = held.Select(h => h.Again.Profile).Concat(wanted.Select(w => w.Profile)).ToList();
        return bound.Fits([.. shapes[0].Select(s => names.Count(n => n == s.Name))], gpus.Count);
    }

    private void Place(List<PackItem> items, SortedSet<int> stopped, Occupancy[] state)
    {
        if (_steps++ > StepLimit)
        {
            return;
        }

        if (items.Count == 0)
        {
            Keep(stopped);
            return;
        }

        var item = items[0];
        foreach (var gpu in item.Gpus)
        {
            foreach (var window in _gpus[gpu].Find(item.Profile)?.Windows ?? [])
            {
                Place(items, stopped, state, gpu, window);
            }
        }
    }

    private void Place(List<PackItem> items, SortedSet<int> stopped, Occupancy[] state, int gpu, Placement window)
    {
        var shape = _gpus[gpu].Find(items[0].Profile)!;
        var inTheWay = _held.Where(h => h.Gpu == gpu && !IsGone(h, stopped)
            && (h.Window.Overlaps(window) || (h.TakesMedia && shape.TakesMedia))).ToList();
        var next = new SortedSet<int>(stopped.Concat(inTheWay.SelectMany(h => h.Holders)));
        if (next.Count > _limit)
        {
            return;
        }

        var remaining = items.Skip(1).ToList();
        var after = state.ToArray();
        foreach (var gone in _held.Where(h => !IsGone(h, stopped) && IsGone(h, next)))
        {
            after[gone.Gpu] = new Occupancy(
                after[gone.Gpu].Mask & ~gone.Window.Mask, after[gone.Gpu].MediaTaken && !gone.TakesMedia);
            remaining.AddRange(_restarts ? [gone.Again] : []);
        }

        if (after[gpu].Takes(shape, window))
        {
            after[gpu] = after[gpu].With(shape, window);
            Place(remaining, next, after);
        }
    }

    private static bool IsGone(HeldInstance instance, SortedSet<int> stopped) => instance.Holders.All(stopped.Contains);

    private void Keep(SortedSet<int> stopped)
    {
        var slices = _held.Where(h => IsGone(h, stopped)).Sum(h => h.Window.Size);
        int[] holders = [.. stopped];
        var isBetter = _best is not { } best || slices < best.Slices
            || (slices == best.Slices && holders.AsSpan().SequenceCompareTo(best.Holders) < 0);
        _best = isBetter ? (slices, holders) : _best;
    }
}

/// <summary>An instance that goes when those who use it stop.</summary>
/// <param name="Gpu">Index of its GPU.</param>
/// <param name="Window">Where it sits.</param>
/// <param name="TakesMedia">Whether it has the media engines.</param>
/// <param name="Holders">All who use it; never empty.</param>
/// <param name="Again">What its holders need when they start again.</param>
public sealed record HeldInstance(
    int Gpu, Placement Window, bool TakesMedia, IReadOnlyList<int> Holders, PackItem Again)
{
    /// <summary>
    /// What decides which instances with room could take its vGPUs when they start again; null where none ever can.
    /// </summary>
    public string? SeatClass { get; init; }
}
