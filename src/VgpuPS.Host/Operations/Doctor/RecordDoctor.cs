using VgpuPS.Core.Layout;
using VgpuPS.Core.Metrics;
using VgpuPS.Core.Platform;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Operations.Layout;

namespace VgpuPS.Host.Operations.Doctor;

/// <summary>
/// The doctor on a timer: what it finds is kept for the metrics, with GPUs that differ from the layout and the Xids of
/// this boot. Nothing that it does asks a guest.
/// </summary>
/// <param name="host">The host.</param>
public sealed class RecordDoctor(HostPorts host)
{
    // A driver that goes on failing logs the same few numbers; the newest are kept.
    private const int MaxXids = 256;

    /// <summary>Runs it, and keeps the result.</summary>
    /// <exception cref="HostNotReadyException">The result cannot be written.</exception>
    public async Task<RunDoctorResult> RunAsync(RunDoctorRequest request, CancellationToken cancellationToken)
    {
        var start = host.Clock.GetTimestamp();
        var result = await new RunDoctor(host).RunAsync(request, cancellationToken).ConfigureAwait(false);
        var layout = await CompareLayoutAsync(cancellationToken).ConfigureAwait(false);
        var xids = await host.Platform.ReadKernelLinesAsync("NVRM: Xid", cancellationToken).ConfigureAwait(false);
        host.DoctorRecord.Save(new DoctorRecord
        {
            Time = UtcText.Of(host.Clock.GetUtcNow()),
            Seconds = Math.Round(host.Clock.GetElapsedTime(start).TotalSeconds, 3),
            Checks = result.Checks.Count,
            Failed = Named(result, CheckVerdict.Failed),
            Warnings = Named(result, CheckVerdict.Warning),
            Layout = layout,
            Xids = xids.IsRead ? Count(xids.Value) : null,
        });
        return result;
    }

    private static List<string> Named(RunDoctorResult result, CheckVerdict verdict) =>
        [.. result.Checks.Where(c => c.Verdict == verdict.ToString()).Select(c => c.Check)];

    private static List<XidCount> Count(IReadOnlyList<LogLine> lines) =>
    [
        .. lines.Select(l => (l.Time, Xid: XidLog.Find(l))).Where(l => l.Xid is not null).Reverse()
            .GroupBy(l => l.Xid!.Value).Take(MaxXids)
            .OrderBy(g => g.Key.Gpu).ThenBy(g => g.Key.Number)
            .Select(g => new XidCount(
                g.Key.Gpu.ToString(), g.Key.Number, g.Count(),
                g.Max(l => l.Time) is { } last ? UtcText.Of(last) : null)),
    ];

    /// <summary>Compares GPU by GPU, so that one that cannot be made so keeps no other from being compared.</summary>
    private async Task<IReadOnlyList<LayoutDrift>?> CompareLayoutAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (host.Layout.Load() is not { } layout)
            {
                return null;
            }

            var drifts = new List<LayoutDrift>();
            foreach (var (name, wanted) in FindTargets(layout))
            {
                drifts.Add(new LayoutDrift(
                    name, wanted is null || await DiffersAsync(name, wanted, cancellationToken).ConfigureAwait(false)));
            }

            return [.. drifts.DistinctBy(d => d.Gpu).OrderBy(d => d.Gpu, StringComparer.Ordinal)];
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // The driver does not answer, or the file is not readable: checks of the doctor say so.
            return null;
        }
    }

    /// <summary>GPUs that the layout means, with their entry; an entry that no GPU has is its own name.</summary>
    private List<(string Name, GpuLayout? Wanted)> FindTargets(HostLayout layout)
    {
        using var driver = host.Driver.Open();
        var reader = new GpuReader(host, driver, host.Claims.Load());
        var present = layout.Gpus.Where(l => IsPresent(reader, l)).ToList();
        return
        [
            .. LayoutTargets.Find(reader, present)
                .Select(t => (t.Gpu.Address.ToString(), (GpuLayout?)t.Layout)),
            .. layout.Gpus.Except(present).Select(l => (l.Gpu, (GpuLayout?)null)),
        ];
    }

    private static bool IsPresent(GpuReader reader, GpuLayout layout)
    {
        try
        {
            return LayoutTargets.Find(reader, [layout]).Count > 0;
        }
        catch (VgpuException failure) when (failure is ObjectNotFoundException or HostNotReadyException)
        {
            return false;
        }
    }

    private async Task<bool> DiffersAsync(string gpu, GpuLayout wanted, CancellationToken cancellationToken)
    {
        try
        {
            var result = await new ApplyLayout(host with { Warn = _ => { } }).RunAsync(
                new ApplyLayoutRequest { Gpus = [wanted], Gpu = gpu, IsPlanOnly = true, Force = true, Reset = true },
                new NoProgress(), cancellationToken).ConfigureAwait(false);
            return result.Plan.Steps.Count > 0;
        }
        catch (VgpuException)
        {
            // It cannot be made so, and therefore is not so.
            return true;
        }
    }
}
