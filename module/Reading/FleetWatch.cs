using VgpuPS.Core.Watch;
using VgpuPS.Host.Operations.Metrics;

namespace VgpuPS.Reading;

/// <summary>
/// Reads hosts again and again, each at its own pace: one that does not answer does not hold up the others, and is
/// asked again once it has.
/// </summary>
internal sealed class FleetWatch
{
    private static readonly ReadHostRequest s_request = new(DriverMayBeMissing: true);

    private static readonly ReadMetricsRequest s_metrics = new(WatchLoads.Metrics);

    // A host far away with a dozen GPUs takes some of it.
    private static readonly TimeSpan s_slowAnswer = TimeSpan.FromSeconds(5);

    private readonly IReadOnlyList<Watched> _hosts;
    private readonly TimeSpan _interval;
    private readonly TimeSpan _patience;

    /// <summary>Begins with nothing read.</summary>
    /// <param name="sessions">The hosts.</param>
    /// <param name="interval">Time between two pictures.</param>
    public FleetWatch(IReadOnlyList<IHostSession> sessions, TimeSpan interval) =>
        (_hosts, _interval, _patience) =
            ([.. sessions.Select(s => new Watched(s))], interval, (3 * interval) + s_slowAnswer);

    /// <summary>Hosts as they were last read.</summary>
    public IReadOnlyList<WatchHost> Hosts => [.. _hosts.Select(h => h.Last)];

    /// <summary>
    /// Asks all hosts that are not being asked, and waits for them: the first time until all have answered or failed,
    /// then no longer than an interval.
    /// </summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        var isFirst = _hosts.All(h => h.Task is null);
        var reads = _hosts.Select(h => h.Ask(cancellationToken)).ToList();
        var wait = Task.WhenAll(reads);
        await (isFirst ? wait.WaitAsync(cancellationToken)
            : Task.WhenAny(wait, Task.Delay(_interval, cancellationToken))).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var host in _hosts)
        {
            host.Settle(_patience);
        }
    }

    private sealed class Watched(IHostSession session)
    {
        private HostReport? _report;
        private WatchLoads _loads = WatchLoads.None;
        private long _readAt = TimeProvider.System.GetTimestamp();
        private string? _problem;

        public Task? Task { get; private set; }

        public WatchHost Last { get; private set; } = new(session.Name, null, WatchLoads.None, null, TimeSpan.Zero);

        public Task Ask(CancellationToken cancellationToken) =>
            Task is { IsCompleted: false } ? Task
                : Task = Task.Run(() => ReadAsync(cancellationToken), cancellationToken);

        /// <summary>Takes what was read.</summary>
        /// <param name="patience">How long an answer may take before it is missed.</param>
        public void Settle(TimeSpan patience)
        {
            var age = TimeProvider.System.GetElapsedTime(_readAt);
            var problem = Task is { IsCompleted: false } && age > patience ? "it does not answer" : _problem;
            Last = new WatchHost(session.Name, _report, _loads, problem, age);
        }

        /// <summary>A host whose loads cannot be read is shown without them.</summary>
        private async Task<WatchLoads> ReadLoadsAsync(CancellationToken cancellationToken)
        {
            try
            {
                var report = await session.RunAsync(
                    HostUseCases.ReadMetrics, s_metrics, SilentObserver.Instance, cancellationToken)
                    .ConfigureAwait(false);
                return WatchLoads.Of(report.Samples);
            }
            catch (VgpuException)
            {
                return WatchLoads.None;
            }
        }

        private async Task ReadAsync(CancellationToken cancellationToken)
        {
            try
            {
                _report = await session.RunAsync(
                    HostUseCases.ReadHost, s_request, SilentObserver.Instance, cancellationToken)
                    .ConfigureAwait(false);
                (_loads, _readAt, _problem) = (
                    await ReadLoadsAsync(cancellationToken).ConfigureAwait(false), TimeProvider.System.GetTimestamp(),
                    null);
            }
            catch (VgpuException e)
            {
                _problem = e.Message;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                _problem = $"its answer cannot be used: {e.GetType().Name}: {e.Message}";
            }
        }
    }
}
