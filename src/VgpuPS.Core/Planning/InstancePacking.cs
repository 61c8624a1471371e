namespace VgpuPS.Core.Planning;

/// <summary>
/// Packs instances that are requested at once: largest first with backtracking, so that what fits is found.
/// </summary>
/// <remarks>Source: planner.md 5.3; one by one, the best place for one may take the only place of another.</remarks>
public sealed class InstancePacking
{
    /// <summary>
    /// States examined before giving up; hosts of up to 16 GPUs stay far below for a VM's 16 entries.
    /// </summary>
    public const int MaxStates = 100_000;

    private readonly IReadOnlyList<PackGpu> _gpus;
    private readonly IReadOnlyList<PackItem> _items;
    private readonly int[] _order;
    private readonly int[] _kinds;
    private readonly Occupancy[] _state;
    private readonly PackedPlace[] _places;
    private readonly HashSet<string> _hopeless = new(StringComparer.Ordinal);

    private InstancePacking(IReadOnlyList<PackGpu> gpus, IReadOnlyList<PackItem> items)
    {
        _gpus = gpus;
        _items = items;
        _state = [.. gpus.Select(g => g.Occupancy)];
        _places = new PackedPlace[items.Count];
        _order = OrderLargestFirst(gpus, items);

        // GPUs of one kind in one state are worth the same to all items.
        var kinds = gpus.Select((g, i) =>
            (g.Shapes, Items: string.Join(',', items.Select(item => item.Gpus.Contains(i))))).ToList();
        _kinds = [
            .. kinds.Select(k => kinds.FindIndex(o => ReferenceEquals(o.Shapes, k.Shapes) && o.Items == k.Items))];
    }

    /// <summary>Finds places for all items.</summary>
    /// <returns>One place for each item, in their order; null when they do not fit together.</returns>
    public static IReadOnlyList<PackedPlace>? Find(IReadOnlyList<PackGpu> gpus, IReadOnlyList<PackItem> items)
    {
        var packing = new InstancePacking(gpus, items);
        return packing.TryPack(0) ? packing._places : null;
    }

    /// <summary>
    /// Finds places for all items, each the best that leaves capacity for those after it, largest first.
    /// </summary>
    /// <param name="gpus">The GPUs.</param>
    /// <param name="items">The items.</param>
    /// <param name="rank">Free places for an item on GPUs as they stand then, best first.</param>
    /// <returns>One place for each item, in their order; null when they do not fit together.</returns>
    public static IReadOnlyList<PackedPlace>? FindBest(
        IReadOnlyList<PackGpu> gpus, IReadOnlyList<PackItem> items,
        Func<PackItem, IReadOnlyList<PackGpu>, IEnumerable<PackedPlace>> rank)
    {
        var places = new PackedPlace[items.Count];
        var order = OrderLargestFirst(gpus, items);
        var state = gpus.ToList();
        for (var i = 0; i < order.Length; i++)
        {
            var item = items[order[i]];
            var rest = order.Skip(i + 1).Select(o => items[o]).ToList();
            PackedPlace? chosen = null;
            foreach (var place in rank(item, state).Where(p => item.Gpus.Contains(p.Gpu)))
            {
                var after = state.ToList();
                after[place.Gpu] = With(after[place.Gpu], item, place.Window);
                if (Find(after, rest) is not null)
                {
                    chosen = place;
                    state = after;
                    break;
                }
            }

            if (chosen is not { } found)
            {
                return null;
            }

            places[order[i]] = found;
        }

        return places;
    }

    private static PackGpu With(PackGpu gpu, PackItem item, Placement window) =>
        gpu with { Occupancy = gpu.Occupancy.With(gpu.Find(item.Profile)!, window) };

    private static int[] OrderLargestFirst(IReadOnlyList<PackGpu> gpus, IReadOnlyList<PackItem> items) =>
    [
        .. Enumerable.Range(0, items.Count)
            .OrderByDescending(i => items[i].Gpus.Max(g => (int?)gpus[g].Find(items[i].Profile)?.Size) ?? int.MaxValue)
            .ThenBy(i => items[i].Gpus.Count).ThenBy(i => items[i].Profile, StringComparer.Ordinal),
    ];

    private bool TryPack(int step)
    {
        if (step == _order.Length)
        {
            return true;
        }

        var key = Key(step);
        if (_hopeless.Count >= MaxStates || _hopeless.Contains(key))
        {
            return false;
        }

        var index = _order[step];
        var tried = new HashSet<(int Kind, Occupancy State, Placement Window)>();
        foreach (var gpu in _items[index].Gpus)
        {
            var before = _state[gpu];
            if (_gpus[gpu].Find(_items[index].Profile) is not { } shape)
            {
                continue;
            }

            foreach (var window in shape.Windows.Where(
                w => before.Takes(shape, w) && tried.Add((_kinds[gpu], before, w))))
            {
                _state[gpu] = before.With(shape, window);
                _places[index] = new PackedPlace(gpu, window);
                var packs = TryPack(step + 1);
                _state[gpu] = before;
                if (packs)
                {
                    return true;
                }
            }
        }

        _hopeless.Add(key);
        return false;
    }

    private string Key(int step) => string.Create(CultureInfo.InvariantCulture, $"{step}:") + string.Join(
        ',',
        _state.Select((o, g) => ((ulong)_kinds[g] << 33) | ((ulong)o.Mask << 1) | (o.MediaTaken ? 1ul : 0)).Order());
}

/// <summary>A GPU that instances are packed on.</summary>
/// <param name="Shapes">Its profiles; GPUs of one model share the list.</param>
/// <param name="Occupancy">What is taken of it.</param>
public sealed record PackGpu(IReadOnlyList<ProfileShape> Shapes, Occupancy Occupancy)
{
    /// <summary>A profile by name; null when it has none of that name.</summary>
    public ProfileShape? Find(string profile) => Shapes.FirstOrDefault(s => s.Name == profile);
}

/// <summary>An instance that needs a place.</summary>
/// <param name="Profile">Its profile, by name.</param>
/// <param name="Gpus">Indices of the GPUs that it may go to.</param>
public sealed record PackItem(string Profile, IReadOnlyList<int> Gpus);

/// <summary>Where a packed instance goes.</summary>
/// <param name="Gpu">Index of the GPU.</param>
/// <param name="Window">Where on it.</param>
public readonly record struct PackedPlace(int Gpu, Placement Window);
