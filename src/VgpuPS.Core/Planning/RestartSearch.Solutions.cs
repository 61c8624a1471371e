namespace VgpuPS.Core.Planning;

/// <content>What the search knows of the GPUs, seats on instances that stay, and which solution is the best.</content>
public sealed partial class RestartSearch
{
    // Placements are masks of 32 bits.
    private const int WindowLimit = 32;

    private readonly PackItem[] _items;
    private readonly Site[] _sites;
    private readonly ProfileShape?[][] _windows;
    private readonly int[] _size;
    private readonly int[] _homes;
    private readonly int[] _kinds;
    private readonly int[] _holders;
    private readonly int[][] _holdersOf;
    private readonly int[][] _instancesOf;
    private readonly bool[] _isStopped;
    private readonly int[] _left;
    private readonly int[] _room;
    private readonly RestartPlace[] _places;
    private readonly Option[][] _options;
    private readonly List<int[]> _seen = [];
    private readonly List<int> _node = [];
    private readonly List<int> _touched = [];

    private static int[] Indices<T>(IEnumerable<T> all, Func<T, bool> isOne) =>
        [.. all.Select((value, index) => (value, index)).Where(x => isOne(x.value)).Select(x => x.index)];

    private int[] SeenAt(int depth)
    {
        if (_seen.Count == depth)
        {
            _seen.Add(new int[_sites.Length * WindowLimit]);
            _node.Add(0);
        }

        _node[depth]++;
        return _seen[depth];
    }

    private void Touch(int gpu)
    {
        if (_sites[gpu].Touched++ == 0)
        {
            _touched.Add(gpu);
        }
    }

    private void Untouch(int gpu)
    {
        if (--_sites[gpu].Touched == 0)
        {
            _touched.Remove(gpu);
        }
    }

    /// <summary>Every window of an item with the number of holders that must stop for it, fewest first.</summary>
    private Option[][] FindOptions()
    {
        var known = new Dictionary<(string Profile, int Homes), Option[]>();
        return [.. _items.Select((item, index) =>
        {
            var key = (item.Profile, _homes[index]);
            return known.TryGetValue(key, out var options) ? options : known[key] =
            [
                .. from gpu in item.Gpus
                   let shape = _windows[index][gpu]
                   where shape is not null
                   from window in shape.Windows
                   let stops = CountStops(gpu, shape, window)
                   where stops is not null
                   orderby stops, gpu, window.Start
                   select new Option(gpu, shape, window, stops.Value),
            ];
        })];
    }

    private int? CountStops(int gpu, ProfileShape shape, Placement window)
    {
        var site = _sites[gpu];
        var needsMedia = shape.TakesMedia && site.HasMedia;
        var inTheWay = site.Held.Where(h => _problem.Held[h].Window.Overlaps(window)
            || (needsMedia && _problem.Held[h].TakesMedia)).ToList();
        return (site.Mask & window.Mask & ~site.Movable) != 0
            || (needsMedia && !site.Held.Exists(h => _problem.Held[h].TakesMedia))
            ? null : inTheWay.SelectMany(h => _holdersOf[h]).Distinct().Count();
    }

    /// <summary>
    /// The instance that takes what starts again, as it has room for it: the driver gives it that one before any that
    /// is made for it.
    /// </summary>
    private int? FindSeat(int item)
    {
        if (item == _problem.Held.Count || _problem.Held[item].SeatClass is not { } own)
        {
            return null;
        }

        for (var seat = 0; seat < _room.Length; seat++)
        {
            if (_room[seat] > 0 && _problem.Seats[seat].Class == own && IsThere(seat)
                && _items[item].Gpus.Contains(_problem.Seats[seat].Gpu))
            {
                return seat;
            }
        }

        return null;
    }

    private bool IsThere(int seat) =>
        _problem.Seats[seat].Held is not { } held || _left[held] == _holdersOf[held].Length;

    private void Sit(int item, int seat, int depth, int budget)
    {
        var needed = _holdersOf[item].Length;
        if (_room[seat] >= needed)
        {
            _room[seat] -= needed;
            _places[item] = new RestartPlace(_problem.Seats[seat].Gpu, _problem.Seats[seat].Window, seat);
            Place(depth + 1, budget);
            _room[seat] += needed;
        }
    }

    /// <summary>GPUs alike in all that the search looks at: what is on them, and what may come to them.</summary>
    private int[] FindKinds()
    {
        var keys = new Dictionary<string, int>(StringComparer.Ordinal);
        return [.. _sites.Select((site, gpu) =>
        {
            var held = site.Held.OrderBy(h => _problem.Held[h].Window).Select(h =>
                $"{_problem.Held[h].Window}{_items[h].Profile}/{_homes[h]}/{_problem.Held[h].SeatClass}/"
                + (_holdersOf[h] is [var only] && _instancesOf[only].Length == 1
                    ? "" : string.Join('+', _holdersOf[h])));
            var shapes = _problem.Gpus[gpu].Shapes;
            var key = $"{string.Join(' ', shapes.Select(s => $"{s.Name}:{string.Join(',', s.Windows)}"))};{site.Mask};"
                + $"{site.HasMedia};{string.Join(' ', held)};"
                + string.Join(',', _problem.Seats.Where(s => s.Gpu == gpu).Select(s => $"{s.Class}:{s.Free}")) + ";"
                + string.Concat(_homes.Select((h, i) => (h, i)).DistinctBy(x => x.h)
                    .Select(x => _items[x.i].Gpus.Contains(gpu) ? '1' : '0'));
            return keys.TryGetValue(key, out var kind) ? kind : keys[key] = keys.Count;
        })];
    }

    private int[] FindHomes()
    {
        var keys = new Dictionary<string, int>(StringComparer.Ordinal);
        var known = new Dictionary<object, int>(ReferenceEqualityComparer.Instance);
        return [.. _items.Select(i => known.TryGetValue(i.Gpus, out var home) ? home : known[i.Gpus] = Number(i.Gpus))];

        int Number(IReadOnlyList<int> gpus)
        {
            var key = string.Join(',', gpus);
            return keys.TryGetValue(key, out var home) ? home : keys[key] = keys.Count;
        }
    }

    private void Keep()
    {
        var moved = Indices(_left, l => l == 0);
        if (moved.Any(m => _places[m].Seat is { } seat && !IsThere(seat)))
        {
            return;
        }

        var solution = new RestartSolution(
            [.. _holders.Where((_, v) => _isStopped[v])], [.. moved.Select(m => new RestartMove(m, _places[m]))],
            _places[^1], Math.Round(_sites.Select((s, g) => Loss(s, g)).Sum(), 9),
            moved.Sum(m => _problem.Held[m].Window.Size));
        if ((_best is null || solution.CompareTo(_best) < 0) && _accepts(solution))
        {
            _best = solution;
        }
    }

    private double Loss(Site site, int gpu)
    {
        var before = _problem.Gpus[gpu].Occupancy;
        if (site.Touched == 0 || _problem.Prices is not { } prices)
        {
            return 0;
        }

        var surcharge = (before.Mask == 0 ? 1 : 0) - (site.Mask == 0 ? 1 : 0);
        return prices[gpu][before] - prices[gpu][new Occupancy(site.Mask, site.HasMedia)]
            + (surcharge * PriceTable.EmptyGpuSurcharge);
    }

    private readonly record struct Option(int Gpu, ProfileShape Shape, Placement Window, int Stops);

    /// <summary>A GPU while it is searched.</summary>
    private sealed class Site(PackGpu gpu)
    {
        public uint Mask { get; set; } = gpu.Occupancy.Mask;

        public bool HasMedia { get; set; } = gpu.Occupancy.MediaTaken;

        /// <summary>What of the mask goes when holders stop.</summary>
        public uint Movable { get; set; }

        /// <summary>How much has happened to it.</summary>
        public int Touched { get; set; }

        public List<int> Held { get; } = [];

        public void Release(HeldInstance instance)
        {
            Mask &= ~instance.Window.Mask;
            Movable &= ~instance.Window.Mask;
            HasMedia &= !instance.TakesMedia;
        }

        public void TakeBack(HeldInstance instance)
        {
            Mask |= instance.Window.Mask;
            Movable |= instance.Window.Mask;
            HasMedia |= instance.TakesMedia;
        }
    }
}

/// <summary>GPUs on which an instance is wanted, and what may move on them.</summary>
/// <param name="Gpus">The GPUs with all that is on them.</param>
/// <param name="Held">Those of their instances that may move, with all who use them and the GPUs that they may move
/// to; all others stay.</param>
/// <param name="Wanted">What is wanted, and where it may be.</param>
public sealed record RestartProblem(IReadOnlyList<PackGpu> Gpus, IReadOnlyList<HeldInstance> Held, PackItem Wanted)
{
    /// <summary>Profiles of instances that stay, by GPU; for the count that says what is impossible.</summary>
    public IReadOnlyList<(int Gpu, string Profile)> Staying { get; init; } = [];

    /// <summary>Instances with room for one more, in the order in which they are given away.</summary>
    public IReadOnlyList<RestartSeat> Seats { get; init; } = [];

    /// <summary>Prices of each GPU's slices; null where all places cost the same.</summary>
    public IReadOnlyList<PriceTable>? Prices { get; init; }

    /// <summary>By counting, whether it could fit if all that is on its GPUs' model could move.</summary>
    public bool MayFit()
    {
        var groups = Wanted.Gpus.GroupBy(g => Key(Gpus[g])).ToList();
        return groups.Any(group =>
        {
            var gpus = Enumerable.Range(0, Gpus.Count).Where(g => Key(Gpus[g]) == group.Key).ToHashSet();
            var shapes = Gpus[group.First()].Shapes;
            if (RepackBound.For(shapes) is not { } bound
                || Held.Any(h => gpus.Contains(h.Gpu) && !h.Again.Gpus.All(gpus.Contains)))
            {
                return true;
            }

            // What finds room on an instance that is there needs no place of its own.
            var classes = Seats.Select(s => s.Class).ToHashSet(StringComparer.Ordinal);
            var names = Held.Where(h => gpus.Contains(h.Gpu)
                    && (h.SeatClass is not { } own || !classes.Contains(own))).Select(h => h.Again.Profile)
                .Concat(Staying.Where(s => gpus.Contains(s.Gpu)).Select(s => s.Profile)).Append(Wanted.Profile)
                .ToList();
            return bound.Fits([.. shapes.Select(s => names.Count(n => n == s.Name))], gpus.Count);
        });
    }

    private static string Key(PackGpu gpu) =>
        string.Join(' ', gpu.Shapes.Select(s => $"{s.Name}:{string.Join(',', s.Windows)}"));
}

/// <summary>An instance with room for vGPUs that start again.</summary>
/// <param name="Gpu">Index of its GPU.</param>
/// <param name="Window">Where it sits.</param>
/// <param name="Class">Which vGPUs it takes: <see cref="HeldInstance.SeatClass"/> of those.</param>
/// <param name="Free">How many more.</param>
/// <param name="Held">The instance that may move and that it is; null for one that stays.</param>
public sealed record RestartSeat(int Gpu, Placement Window, string Class, int Free, int? Held);

/// <summary>Where something that starts again goes.</summary>
/// <param name="Gpu">Index of the GPU.</param>
/// <param name="Window">Where on it.</param>
/// <param name="Seat">Index of the instance that has room for it; null where one is made for it.</param>
public readonly record struct RestartPlace(int Gpu, Placement Window, int? Seat);

/// <summary>An instance that moves.</summary>
/// <param name="Held">Its index among those that may.</param>
/// <param name="To">Where it goes.</param>
public readonly record struct RestartMove(int Held, RestartPlace To);

/// <summary>Who stops, and where all of it goes.</summary>
/// <param name="Holders">Who stops and starts again, ascending.</param>
/// <param name="Moves">Their instances, ascending index.</param>
/// <param name="Wanted">Where the wanted instance fits then.</param>
/// <param name="Cost">What the places cost in sum, by the planner's prices.</param>
/// <param name="Slices">Memory slices that are moved.</param>
public sealed record RestartSolution(
    IReadOnlyList<int> Holders, IReadOnlyList<RestartMove> Moves, RestartPlace Wanted, double Cost, int Slices)
    : IComparable<RestartSolution>
{
    /// <summary>Orders the better first: fewer restarts, cheaper, smaller, lower numbers.</summary>
    /// <remarks>Source: planner.md 5.1.</remarks>
    public int CompareTo(RestartSolution? other)
    {
        var byCount = Holders.Count.CompareTo(other!.Holders.Count);
        var byCost = byCount != 0 ? byCount : Cost.CompareTo(other.Cost);
        var bySlices = byCost != 0 ? byCost : Slices.CompareTo(other.Slices);
        return bySlices != 0 ? bySlices
            : Holders.ToArray().AsSpan().SequenceCompareTo(other.Holders.ToArray());
    }
}

/// <summary>What a search found.</summary>
/// <param name="Solution">The best; null for none.</param>
/// <param name="IsImpossible">Whether counting alone says that it cannot fit, whatever moves.</param>
/// <param name="IsExact">Whether all sets that are smaller were looked at; false where the search was bounded.</param>
public sealed record RestartOutcome(RestartSolution? Solution, bool IsImpossible, bool IsExact);
