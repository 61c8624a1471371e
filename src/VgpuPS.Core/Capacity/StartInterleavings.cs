namespace VgpuPS.Core.Capacity;

/// <summary>
/// Plays every order in which pending starts can finish: Proxmox chooses the function of each only when it gets there,
/// so
/// capacity that suffices in one order may not in another.
/// </summary>
public static class StartInterleavings
{
    /// <summary>
    /// States examined before giving up; starts of one kind count once, so real hosts stay far below.
    /// </summary>
    public const int MaxStates = 4000;

    /// <summary>
    /// The starts that do not fit in some order; all of them when there are too many orders to look at.
    /// </summary>
    /// <param name="capacity">The host before any of them.</param>
    /// <param name="starts">The pending starts, in any order.</param>
    public static IReadOnlySet<PendingStart> FindStarved(HostCapacity capacity, IReadOnlyList<PendingStart> starts)
    {
        var kinds = starts.GroupBy(s => (s.Type, Candidates: string.Join(',', s.Candidates)))
            .Select(g => g.ToList()).ToList();
        var starved = new HashSet<int>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var complete = Play(capacity, kinds, [.. kinds.Select(k => k.Count)], starved, seen);
        return complete
            ? starved.SelectMany(k => kinds[k]).ToHashSet()
            : starts.ToHashSet();
    }

    private static bool Play(
        HostCapacity capacity, List<List<PendingStart>> kinds, int[] remaining, HashSet<int> starved,
        HashSet<string> seen)
    {
        if (!seen.Add($"{string.Join(',', remaining)}#{capacity.Key}"))
        {
            return true;
        }

        if (seen.Count > MaxStates)
        {
            return false;
        }

        for (var kind = 0; kind < kinds.Count; kind++)
        {
            if (remaining[kind] == 0)
            {
                continue;
            }

            var next = capacity.Clone();
            if (!next.TryPlace(kinds[kind][0]))
            {
                starved.Add(kind);
            }

            remaining[kind]--;
            var complete = Play(next, kinds, remaining, starved, seen);
            remaining[kind]++;
            if (!complete)
            {
                return false;
            }
        }

        return true;
    }
}
