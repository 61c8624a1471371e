
namespace VgpuPS.Reading;

/// <summary>Writes changes of hosts as they are made. A host that does not answer is reported once and asked again,
/// less and less often; the others go on.</summary>
/// <param name="sink">Where to write.</param>
/// <param name="request">What is wanted of a host.</param>
/// <param name="select">Chooses what to write of an answer.</param>
internal sealed class EventFollower(
    ICommandSink sink, Func<IHostSession, ReadEventsRequest> request,
    Func<ReadEventsResult, string, ICommandSink, IEnumerable<VgpuEventInfo>> select)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_maxInterval = TimeSpan.FromSeconds(30);

    /// <summary>Writes what is there as far as it is wanted, in the order of time, and then what comes.</summary>
    /// <exception cref="VgpuException">No host can be asked at all.</exception>
    public async Task RunAsync(IReadOnlyList<IHostSession> sessions, CancellationToken cancellationToken)
    {
        var hosts = sessions.Select(s => new Host(s)).ToList();
        var first = await Task.WhenAll(hosts.Select(h => AskAsync(h, cancellationToken))).ConfigureAwait(false);
        Write(first.SelectMany(f => f).OrderBy(e => e.Time));
        if (hosts.TrueForAll(h => h.Failures > 0))
        {
            return;
        }

        await Task.WhenAll(hosts.Select(h => FollowAsync(h, cancellationToken))).ConfigureAwait(false);
    }

    private async Task FollowAsync(Host host, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(host.Interval, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            Write(await AskAsync(host, cancellationToken).ConfigureAwait(false));
        }
    }

    private async Task<IReadOnlyList<VgpuEventInfo>> AskAsync(Host host, CancellationToken cancellationToken)
    {
        try
        {
            var asked = request(host.Session) with { Position = host.Position };
            if (host.Position.Length > 0)
            {
                asked = asked with { Last = null, After = null };
            }

            // The local host and simulated ones are read on the thread that asks.
            var result = await Task.Run(
                () => host.Session.RunAsync(
                    HostUseCases.ReadEvents, asked, new SinkObserver(sink, host.Session.Name), cancellationToken),
                cancellationToken).ConfigureAwait(false);
            if (result.Position is null)
            {
                throw new HostNotReadyException(
                    ErrorIds.AgentVersionMismatch,
                    $"host {host.Session.Name}: its vgpu-hook is older than this module and cannot follow its log",
                    $"update it: Update-VgpuHost -HostName {host.Session.Name}", host.Session.Name);
            }

            var rows = select(result, host.Session.Name, sink).Where(e => !host.Seen.Contains(e)).ToList();

            // What was written between the log's end and what was read of it comes twice, the second time now.
            host.Seen = host.Position.Length == 0 ? [.. rows] : [];
            (host.Position, host.Failures) = (result.Position, 0);
            return rows;
        }
        catch (VgpuException failure)
        {
            if (host.Failures++ == 0)
            {
                sink.WriteFailure(failure);
            }

            return [];
        }
    }

    private void Write(IEnumerable<VgpuEventInfo> rows)
    {
        foreach (var row in rows)
        {
            sink.WriteObject(row);
        }
    }

    private sealed class Host(IHostSession session)
    {
        public IHostSession Session => session;

        public string Position { get; set; } = "";

        public int Failures { get; set; }

        public HashSet<VgpuEventInfo> Seen { get; set; } = [];

        public TimeSpan Interval => TimeSpan.FromTicks(Math.Min(
            s_maxInterval.Ticks, s_interval.Ticks << Math.Min(Failures, 8)));
    }
}
