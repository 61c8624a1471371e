using System.Collections.Concurrent;
using System.Globalization;

namespace VgpuPS.Reading;

/// <summary>Finds the numbers of VMs where hosts are asked for things that have nothing but numbers.</summary>
internal static class VmNumbers
{
    private static readonly ReadHostRequest s_request = new(DriverMayBeMissing: true);

    /// <summary>Numbers that names mean, on each host. A name without wildcards that no host has is reported.</summary>
    /// <param name="sink">Where to report.</param>
    /// <param name="wishes">Hosts, each with ids and names of VMs, wildcards in either.</param>
    /// <param name="mayBeGone">Whether a number is taken as it is, of a VM that was removed too.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>As many as there are wishes, in their order; empty for what means no VM of its host.</returns>
    public static async Task<IReadOnlyList<IReadOnlyList<int>>> FindAsync(
        ICommandSink sink, IReadOnlyList<(IHostSession Session, IReadOnlyList<string> Names)> wishes, bool mayBeGone,
        CancellationToken cancellationToken)
    {
        var reports = new ConcurrentDictionary<IHostSession, HostReport>();
        await ReadingRunner.ForEachAsync(
            sink,
            [.. wishes.Where(w => w.Names.Any(n => !mayBeGone || Number(n) is null)).Select(w => w.Session).Distinct()],
            async (session, token) =>
            {
                reports[session] = await ReadingRunner.ReadAsync(sink, session, s_request, token)
                    .ConfigureAwait(false);
                return [];
            },
            cancellationToken).ConfigureAwait(false);

        var missing = new List<VgpuException>();
        var found = new List<IReadOnlyList<int>>();
        foreach (var (session, names) in wishes)
        {
            var known = mayBeGone || !reports.ContainsKey(session) ? names.Where(n => Number(n) is not null) : [];
            var asked = names.Except(known).ToList();
            var there = asked.Count > 0 && reports.TryGetValue(session, out var report)
                ? VmChoice.Find(report, asked, missing.Add).Select(v => v.Id) : [];
            found.Add([.. known.Select(n => Number(n)!.Value).Concat(there).Distinct()]);
        }

        foreach (var group in missing.GroupBy(m => m.Target, StringComparer.OrdinalIgnoreCase))
        {
            if (group.Any(m => m is InvalidRequestException) || group.Count() >= wishes.Count(
                w => w.Names.Any(n => string.Equals(n.Trim(), group.Key, StringComparison.OrdinalIgnoreCase))))
            {
                sink.WriteFailure(group.First());
            }
        }

        return found;
    }

    private static int? Number(string name) =>
        int.TryParse(name.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
