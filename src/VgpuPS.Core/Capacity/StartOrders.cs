namespace VgpuPS.Core.Capacity;

/// <summary>
/// Plays every order in which promised starts can finish: Proxmox chooses the function of each only when it gets there, so
/// room that suffices in one order may not in another.
/// </summary>
public static class StartOrders
{
    /// <summary>Pictures looked at before giving up; starts of one kind count once, so real hosts stay far below.</summary>
    public const int PictureLimit = 4000;

    /// <summary>The starts that find no room in some order; all of them when there are too many orders to look at.</summary>
    /// <param name="room">The host before any of them.</param>
    /// <param name="starts">The promised starts, in any order.</param>
    public static IReadOnlySet<PendingStart> FindLosers(HostRoom room, IReadOnlyList<PendingStart> starts)
    {
        var kinds = starts.GroupBy(s => (s.Type, Candidates: string.Join(',', s.Candidates)))
            .Select(g => g.ToList()).ToList();
        var losers = new HashSet<int>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var complete = Play(room, kinds, [.. kinds.Select(k => k.Count)], losers, seen);
        return complete
            ? losers.SelectMany(k => kinds[k]).ToHashSet()
            : starts.ToHashSet();
    }

    private static bool Play(
        HostRoom room, List<List<PendingStart>> kinds, int[] left, HashSet<int> losers, HashSet<string> seen)
    {
        if (!seen.Add($"{string.Join(',', left)}#{room.Key}"))
        {
            return true;
        }

        if (seen.Count > PictureLimit)
        {
            return false;
        }

        for (var kind = 0; kind < kinds.Count; kind++)
        {
            if (left[kind] == 0)
            {
                continue;
            }

            var next = room.Clone();
            if (!next.TryLand(kinds[kind][0]))
            {
                losers.Add(kind);
            }

            left[kind]--;
            var complete = Play(next, kinds, left, losers, seen);
            left[kind]++;
            if (!complete)
            {
                return false;
            }
        }

        return true;
    }
}
