namespace VgpuPS.Core.Advice;

/// <summary>What one GPU gives to tenants.</summary>
/// <param name="Counts">VMs of each group that it serves.</param>
/// <param name="IsMig">Whether MIG mode is on for it.</param>
/// <param name="Parts">Their vGPUs, in the order of the groups.</param>
/// <param name="Score">How good it is.</param>
internal sealed record Filling(
    int[] Counts, bool IsMig, IReadOnlyList<FillingPart> Parts, AdviceScore Score)
{
    /// <summary>Whether the GPU's scheduler has to give fixed shares.</summary>
    public bool HasFixedShares { get; init; }

    /// <summary>Whether time-sliced vGPUs of several sizes share the GPU.</summary>
    public bool HasMixedSizes { get; init; }

    /// <summary>GPU instances to make, the largest first.</summary>
    public IReadOnlyList<AdviceProfile> NewInstances { get; init; } = [];

    /// <summary>vGPUs in all.</summary>
    public int Total => Counts.Sum();
}

/// <summary>vGPUs of one group on a GPU.</summary>
/// <param name="Group">Index of the group.</param>
/// <param name="Count">How many.</param>
/// <param name="Seat">What each of them is.</param>
internal sealed record FillingPart(int Group, int Count, AdviceSeat Seat);

/// <summary>Finds what a GPU can give to tenants, each combination once and in the best way.</summary>
/// <param name="gpu">The GPU.</param>
/// <param name="groups">The tenants' groups.</param>
/// <param name="values">How many of each group may be tried, ascending.</param>
/// <param name="isExact">Whether every group may share GPU instances or not apart from the others.</param>
internal sealed partial class FillingFinder(
    AdviceGpu gpu, IReadOnlyList<SeatGroup> groups, IReadOnlyList<IReadOnlyList<int>> values, bool isExact)
{
    /// <summary>Most combinations that are looked at for one GPU and way of sharing.</summary>
    public const int MaxCombinations = 40_000;

    private readonly Dictionary<(string Counts, bool IsMig), Filling> _best = [];

    private int _looks;

    /// <summary>Whether every combination was looked at.</summary>
    public bool IsComplete { get; private set; } = true;

    private int Limit => gpu.FreeFunctions ?? int.MaxValue;

    private bool IsOpen => gpu.Obstacle is null && Limit > 0;

    /// <summary>Finds them, none of them empty.</summary>
    public IReadOnlyList<Filling> Find()
    {
        if (IsOpen && !(gpu.Occupants.Count > 0 && gpu.MigIsOn))
        {
            FindTimeSliced();
        }

        _looks = 0;
        if (IsOpen && gpu.HasMig && (gpu.Occupants.Count == 0 || gpu.MigIsOn))
        {
            FindMigBacked();
        }

        return [.. _best.Values.OrderByDescending(f => f.Score).ThenBy(f => f.IsMig)
            .ThenBy(f => string.Join(',', f.Counts), StringComparer.Ordinal)];
    }

    private bool IsHere(SeatGroup group) => group.Host is null || group.Host == gpu.Host;

    /// <summary>Counts one combination; false where there were too many.</summary>
    private bool Look()
    {
        var isOneOfThem = ++_looks <= MaxCombinations;
        IsComplete &= isOneOfThem;
        return isOneOfThem;
    }

    private void Keep(Filling filling)
    {
        var key = (string.Join(',', filling.Counts), filling.IsMig);
        if (!_best.TryGetValue(key, out var known) || filling.Score.CompareTo(known.Score) > 0)
        {
            _best[key] = filling;
        }
    }

    /// <summary>Combinations of counts that a test lets pass; a larger count is not tried where a smaller one
    /// fails.</summary>
    private IEnumerable<int[]> Combine(Func<int, int, bool> allows, Func<int[], bool> fits)
    {
        var counts = new int[groups.Count];
        return Choose(0);

        IEnumerable<int[]> Choose(int at)
        {
            if (at == counts.Length)
            {
                if (counts.Any(c => c > 0))
                {
                    yield return [.. counts];
                }

                yield break;
            }

            foreach (var value in values[at])
            {
                counts[at] = value;
                if (value > 0 && (!allows(at, value) || !Look() || !fits(counts)))
                {
                    break;
                }

                foreach (var found in Choose(at + 1))
                {
                    yield return found;
                }
            }

            counts[at] = 0;
        }
    }

    private AdviceScore Score(IReadOnlyList<FillingPart> parts, int preferred, int crowding, int multiprocessors,
        bool isMig, bool isMixed) => new(
        parts.Sum(p => p.Seat.Worth * p.Count), parts.Sum(p => p.Count), preferred,
        -parts.Sum(p => p.Seat.Type.IsCompute || groups[p.Group].Needs.Encoder ? 0 : p.Count), -crowding,
        isMixed && !gpu.MixedSizes ? -1 : 0,
        gpu.Occupants.Count > 0 ? 0 : -1, -parts.Sum(p => p.Count * p.Seat.Type.FramebufferMiB), multiprocessors,
        -parts.Count,
        (gpu.HasMig && gpu.MigIsOn != isMig ? -1 : 0) - (!isMig && gpu.MixedSizes != isMixed ? 1 : 0));
}
