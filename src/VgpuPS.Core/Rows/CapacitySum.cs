namespace VgpuPS.Core.Rows;

/// <summary>Makes rows of what was counted, and adds rows of GPUs up to hosts, and of hosts to all of them.</summary>
public static class CapacitySum
{
    /// <summary>Gives a row what follows from the counts of its types.</summary>
    /// <param name="row">The row, with its types.</param>
    public static VgpuCapacityInfo Complete(VgpuCapacityInfo row)
    {
        var now = row.Types.Where(t => t.Startable > 0).OrderByDescending(t => t.Startable)
            .ThenBy(t => t.FramebufferMiB).ToList();
        var after = row.Types.Where(t => t.StartableAfter > 0).OrderByDescending(t => t.StartableAfter)
            .ThenBy(t => t.FramebufferMiB).ToList();
        return row with
        {
            Startable = row.Types.Select(t => t.Startable).DefaultIfEmpty(0).Max(),
            StartableAfter = row.Types.Select(t => t.StartableAfter).DefaultIfEmpty(0).Max(),
            Fits = [.. now.Select(t => Text(t.Startable, t.VgpuType))],
            FitsAfter = [.. after.Select(t => Text(t.StartableAfter, t.VgpuType))],
            LimitedBy = Join((now.Count > 0 ? now.Take(1) : row.Types).Select(t => t.LimitedBy)),
            LimitedByAfter = Join((after.Count > 0 ? after.Take(1) : row.Types).Select(t => t.LimitedByAfter)),
        };
    }

    /// <summary>Adds up rows; GPUs of different models stay apart.</summary>
    /// <param name="rows">Rows of GPUs or of hosts.</param>
    /// <param name="scope">What they are added up to.</param>
    /// <param name="host">The host that the sums belong to; <c>*</c> for all.</param>
    public static IReadOnlyList<VgpuCapacityInfo> Of(
        IEnumerable<VgpuCapacityInfo> rows, string scope, string host) =>
    [
        .. rows.GroupBy(r => (r.Model, r.VgpuType)).Select(g => Complete(g.First() with
        {
            VgpuHost = host,
            Scope = scope,
            GpuIndex = null,
            GpuUuid = null,
            GpuAddress = null,
            Running = g.Sum(r => r.Running),
            Pending = g.Sum(r => r.Pending),
            Stopped = g.Sum(r => r.Stopped),
            Excess = g.Sum(r => r.Excess),
            AvailableMemoryMiB = g.GroupBy(r => r.VgpuHost).Sum(h => h.First().AvailableMemoryMiB),
            Hosts = [.. g.SelectMany(r => r.Hosts).Distinct()],
            Types = [.. g.SelectMany(r => r.Types).GroupBy(t => t.VgpuType).Select(Sum)],
        })),
    ];

    /// <summary>Lowers the counts of a host to what its memory and CPUs allow.</summary>
    /// <param name="row">The host's row.</param>
    /// <param name="now">The most VMs now, and what the next would lack; null where nothing is known.</param>
    /// <param name="after">The same once all stopped VMs have started.</param>
    public static VgpuCapacityInfo Limit(
        VgpuCapacityInfo row, (int Most, string Limit)? now, (int Most, string Limit)? after) => Complete(row with
        {
            Types =
            [
                .. row.Types.Select(t => t with
                {
                    Startable = Math.Min(t.Startable, now?.Most ?? int.MaxValue),
                    LimitedBy = now is { } n && n.Most < t.Startable ? n.Limit : t.LimitedBy,
                    StartableAfter = Math.Min(t.StartableAfter, after?.Most ?? int.MaxValue),
                    LimitedByAfter = after is { } a && a.Most < t.StartableAfter ? a.Limit : t.LimitedByAfter,
                }),
            ],
        });

    private static VgpuTypeCount Sum(IEnumerable<VgpuTypeCount> counts)
    {
        var all = counts.ToList();
        return all[0] with
        {
            Startable = all.Sum(t => t.Startable),
            StartableAfter = all.Sum(t => t.StartableAfter),
            LimitedBy = Join(all.Select(t => t.LimitedBy)),
            LimitedByAfter = Join(all.Select(t => t.LimitedByAfter)),
        };
    }

    private static string Text(int count, string type) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} x {type}");

    private static string Join(IEnumerable<string> texts) => string.Join(
        ", ", texts.SelectMany(t => t.Split(", ")).Where(t => t.Length > 0).Distinct());
}
