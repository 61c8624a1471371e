using VgpuPS.Core.Metrics;
using VgpuPS.Core.Rows;

namespace VgpuPS.Host.Operations.Metrics;

/// <summary>
/// Measures a host; changes nothing, and keeps no start of a VM waiting for more than a second. What cannot be read is
/// left out, and said in <see cref="HostMetrics.Failed"/> and <see cref="HostMetrics.Supported"/>.
/// </summary>
/// <param name="host">The host.</param>
public sealed class ReadMetrics(HostPorts host)
{
    /// <summary>How far two samples of performance counters are apart.</summary>
    /// <remarks>Source: facts/metrics.md A30.</remarks>
    internal static readonly TimeSpan SampleGap = TimeSpan.FromMilliseconds(100);

    // A start waits for a second; giving the lock back and the last call take the rest.
    private static readonly TimeSpan s_limit = TimeSpan.FromMilliseconds(900);

    // What comes of two samples of counters, and says whether it does.
    private static readonly HashSet<string> s_sampled =
    [
        .. new[]
        {
            GpuMetrics.Busy, InstanceMetrics.Busy, InstanceMetrics.Sm, InstanceMetrics.Occupancy,
            InstanceMetrics.Tensor, InstanceMetrics.Dram, VgpuMetrics.Sm, VgpuMetrics.Memory, HostMetrics.Supported,
        }.Select(f => f.Name),
    ];

    private static readonly string[] s_parts =
    [
        HostMetricReader.Boot, HostMetricReader.Claims, HostMetricReader.Doctor, HostMetricReader.Driver,
        HostMetricReader.Hook, HostMetricReader.Pci, HostMetricReader.Vms,
    ];

    /// <summary>Measures.</summary>
    /// <returns>Samples in no particular order; <see cref="MetricText.Write"/> orders them.</returns>
    /// <exception cref="AccessDeniedException">Not root.</exception>
    public Task<IReadOnlyList<MetricSample>> CollectAsync(CancellationToken cancellationToken) =>
        CollectAsync(hasCounters: true, cancellationToken);

    private async Task<IReadOnlyList<MetricSample>> CollectAsync(bool hasCounters, CancellationToken cancellationToken)
    {
        var since = host.Clock.GetTimestamp();
        var found = new MetricCollection();
        var files = new HostMetricReader(host, found);
        files.Read();
        IReadOnlyList<MetricSample> gpus = [];
        IReadOnlyList<VmId> vms = [];
        var isSkipped = true;
        using (var shared = host.Lock.TryShare())
        {
            if (shared is not null)
            {
                var measured = new MetricCollection(() => shared.IsWanted);
                var driver = new DriverMetricReader(host, files, measured, hasCounters);
                var isDone = await ReadDriverAsync(driver, cancellationToken).ConfigureAwait(false);
                isSkipped = isDone && driver.IsGivenUp;

                // A reader that was left may still add to its own list of VMs; half of the GPUs are not said.
                (gpus, vms) = (measured.Close(), isDone ? driver.Vms : []);
                gpus = isSkipped ? [] : gpus;
                if (!isDone)
                {
                    found.Fail(HostMetricReader.Driver);
                }
            }
        }

        found.Add(HostMetrics.Skipped, isSkipped ? 1 : 0);
        files.ReadNames([.. files.File.Claims.Select(c => c.Vm), .. vms]);
        found.AddFailures(s_parts);
        found.Add(HostMetrics.Duration, host.Clock.GetElapsedTime(since).TotalSeconds);
        return [.. found.Close(), .. gpus];
    }

    /// <summary>Measures, for those who want rows.</summary>
    public async Task<MetricReport> RunAsync(ReadMetricsRequest request, CancellationToken cancellationToken)
    {
        var time = host.Clock.GetUtcNow().UtcDateTime;
        var samples = await CollectAsync(
            request.Names is not { } asked || asked.Any(s_sampled.Contains), cancellationToken).ConfigureAwait(false);
        var order = MetricTable.All.Select((f, i) => (f.Name, Index: i)).ToDictionary(f => f.Name, f => f.Index);
        return new MetricReport(
            host.Proxmox.Node, time,
            [
                .. samples.Where(s => request.Names is not { } names || names.Contains(s.Family.Name))
                    .OrderBy(s => order[s.Family.Name]).Select(VgpuMetricInfo.Of),
            ]);
    }

    /// <summary>
    /// Reads what needs the driver. A call that hangs in the kernel can be left only: then what was read until then is
    /// all there is.
    /// </summary>
    /// <returns>Whether it was done in time.</returns>
    private async Task<bool> ReadDriverAsync(
        DriverMetricReader driver, CancellationToken cancellationToken)
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var timer = host.Clock.CreateTimer(
            _ => over.TrySetResult(), null, s_limit, Timeout.InfiniteTimeSpan);
        using var stop = cancellationToken.Register(() => over.TrySetCanceled(cancellationToken));
        var work = Task.Run(() => driver.ReadAsync(cancellationToken), CancellationToken.None);
        if (await Task.WhenAny(work, over.Task).ConfigureAwait(false) == work)
        {
            await work.ConfigureAwait(false);
            return !over.Task.IsCompleted;
        }

        _ = work.ContinueWith(w => w.Exception, TaskScheduler.Default);
        await over.Task.ConfigureAwait(false);
        return false;
    }
}

/// <summary>Asks for measurements.</summary>
/// <param name="Names">Full names of the only metrics that are wanted; null for all.</param>
public sealed record ReadMetricsRequest(IReadOnlyList<string>? Names = null);
