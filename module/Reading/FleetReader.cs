using VgpuPS.Core.Report;
using VgpuPS.Host.Operations.Capacity;
using VgpuPS.Host.Operations.Doctor;

namespace VgpuPS.Reading;

/// <summary>Reads all that a report shows of hosts, all of them at once.</summary>
/// <param name="sink">Where a host that cannot be read is reported.</param>
/// <param name="days">How many days of changes.</param>
/// <param name="now">The present time.</param>
internal sealed class FleetReader(ICommandSink sink, int days, DateTimeOffset now)
{
    /// <summary>Most changes of a host that are shown.</summary>
    private const int MaxEvents = 200;

    private static readonly ReadHostRequest s_request = new(
        DriverMayBeMissing: true, WithAffinity: true, WithOtherGpus: true);

    /// <summary>Reads them, in their order. What cannot be read of one is among what is known of it.</summary>
    public async Task<IReadOnlyList<ReportedHost>> ReadAsync(
        IReadOnlyList<IHostSession> sessions, CancellationToken cancellationToken)
    {
        var hosts = sessions.ToDictionary(s => s, s => new ReportedHost(s.Name)
        {
            Failures = [new HostProblem("", "", "its answer cannot be used", "see why: Get-VgpuHost", null, null)],
        });
        await ReadingRunner.ForEachAsync(
            sink, sessions,
            async (session, token) =>
            {
                try
                {
                    hosts[session] = await ReadHostAsync(session, token).ConfigureAwait(false);
                }
                catch (VgpuException failure)
                {
                    hosts[session] = new ReportedHost(session.Name) { Failures = [Problem(failure)] };
                    throw;
                }

                hosts[session] = await WithCapacityAsync(hosts[session], session, token).ConfigureAwait(false);
                hosts[session] = await WithChecksAsync(hosts[session], session, token).ConfigureAwait(false);
                hosts[session] = await WithEventsAsync(hosts[session], session, token).ConfigureAwait(false);
                return [];
            },
            cancellationToken).ConfigureAwait(false);
        return [.. sessions.Select(s => hosts[s])];
    }

    /// <summary>Reads a host; without its CPUs where a file that only these need cannot be read.</summary>
    private async Task<ReportedHost> ReadHostAsync(IHostSession session, CancellationToken cancellationToken)
    {
        var host = new ReportedHost(session.Name);
        try
        {
            return host with
            {
                Report = await ReadingRunner.ReadAsync(sink, session, s_request, cancellationToken)
                    .ConfigureAwait(false),
            };
        }
        catch (UnreadableDataException failure) when (failure.ErrorId == ErrorIds.UnreadableData)
        {
            var report = await ReadingRunner.ReadAsync(
                sink, session, s_request with { WithAffinity = false }, cancellationToken).ConfigureAwait(false);
            return Without(host with { Report = report }, failure);
        }
    }

    /// <summary>How many more vGPUs fit; without GPUs that answer there is nothing to count.</summary>
    private async Task<ReportedHost> WithCapacityAsync(
        ReportedHost host, IHostSession session, CancellationToken cancellationToken)
    {
        if (host.Report is not { Gpus.Count: > 0 })
        {
            return host;
        }

        try
        {
            var result = await session.RunAsync(
                HostUseCases.ReadCapacity, new ReadCapacityRequest(), new SinkObserver(sink, session.Name),
                cancellationToken).ConfigureAwait(false);
            return host with { Capacity = result.Gpus };
        }
        catch (VgpuException failure)
        {
            return Without(host, failure);
        }
    }

    private async Task<ReportedHost> WithChecksAsync(
        ReportedHost host, IHostSession session, CancellationToken cancellationToken)
    {
        try
        {
            var result = await session.RunAsync(
                HostUseCases.RunDoctor, new RunDoctorRequest(), new SinkObserver(sink, session.Name), cancellationToken)
                .ConfigureAwait(false);
            return host with { Checks = [.. result.Checks.Select(c => (VgpuHostTestInfo)RowAdvice.Of(c))] };
        }
        catch (VgpuException failure)
        {
            return Without(host, failure);
        }
    }

    private async Task<ReportedHost> WithEventsAsync(
        ReportedHost host, IHostSession session, CancellationToken cancellationToken)
    {
        try
        {
            var result = await session.RunAsync(
                HostUseCases.ReadEvents, new ReadEventsRequest { After = now.UtcDateTime.AddDays(-days) },
                new SinkObserver(sink, session.Name), cancellationToken).ConfigureAwait(false);
            return host with
            {
                Events = [.. result.Events.Reverse().Take(MaxEvents)],
                EventsLeftOut = Math.Max(0, result.Events.Count - MaxEvents),
            };
        }
        catch (VgpuException failure)
        {
            return Without(host, failure);
        }
    }

    /// <summary>A host of which a part could not be read: a warning now, and in the report.</summary>
    private ReportedHost Without(ReportedHost host, VgpuException failure)
    {
        sink.WriteWarning($"host {host.Name}: {failure.Message}");
        return host with { Failures = [.. host.Failures, Problem(failure)] };
    }

    private static HostProblem Problem(VgpuException failure) => HostProblem.Of(failure) with
    {
        RecommendedAction = Advice.ForPowerShell(failure.RecommendedAction),
    };
}
