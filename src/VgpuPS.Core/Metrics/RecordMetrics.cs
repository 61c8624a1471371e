namespace VgpuPS.Core.Metrics;

/// <summary>Metrics of what the hook counts, and of what the doctor found when its timer last ran it.</summary>
public static class RecordMetrics
{
    private static readonly MetricGroup s_group = new();

    /// <summary>All of them.</summary>
    public static IReadOnlyList<MetricFamily> All => s_group.All;

    /// <summary>Runs of the hook.</summary>
    public static MetricFamily HookRuns { get; } = s_group.Counter(
        "hook_runs_total", "Runs of the hook for VMs with vGPUs since the boot, failed ones included.", "phase");

    /// <summary>Failed runs.</summary>
    public static MetricFamily HookFailed { get; } = s_group.Counter(
        "hook_failed_runs_total", "Runs of the hook that failed since the boot.", "phase");

    /// <summary>Failed runs by error.</summary>
    public static MetricFamily HookFailures { get; } = s_group.Counter(
        "hook_failures_total",
        "Runs of the hook that failed since the boot, by error id; other for what is not known by name.", "phase",
        "error");

    /// <summary>When the doctor ran.</summary>
    public static MetricFamily DoctorTime { get; } = s_group.Gauge(
        "doctor_timestamp_seconds", "When vgpups-doctor.timer last ran the doctor, as seconds since 1970.");

    /// <summary>How long it took.</summary>
    public static MetricFamily DoctorDuration { get; } = s_group.Gauge(
        "doctor_duration_seconds", "How long the doctor's last run took.");

    /// <summary>How many checks found something.</summary>
    public static MetricFamily DoctorFindings { get; } = s_group.Gauge(
        "doctor_findings", "Checks that failed or warn, as of the doctor's last run.", "verdict");

    /// <summary>Which.</summary>
    public static MetricFamily DoctorFinding { get; } = s_group.Gauge(
        "doctor_check", "1 for a check that failed or warns, as of the doctor's last run.", "check", "verdict");

    /// <summary>GPUs that differ from the layout.</summary>
    public static MetricFamily LayoutDrift { get; } = s_group.Gauge(
        "layout_drift", "Whether a GPU differs from the host's layout, as of the doctor's last run.", "gpu");

    /// <summary>Xids.</summary>
    public static MetricFamily Xids { get; } = s_group.Gauge(
        "xid_events", "Lines of an Xid in the log since the boot, as of the doctor's last run.", "gpu", "xid");

    /// <summary>When the newest was written.</summary>
    public static MetricFamily XidTime { get; } = s_group.Gauge(
        "xid_timestamp_seconds",
        "When the newest line of an Xid was written, as of the doctor's last run, as seconds since 1970.", "gpu",
        "xid");

    /// <summary>Samples of the hook's counters; the phases that do something are there from the start, so that a first
    /// failure is an increase.</summary>
    public static IEnumerable<MetricSample> Of(HookCounters counters)
    {
        string[] always = ["pre-start", "post-start", "post-stop"];
        foreach (var phase in always.Union(counters.Runs.Keys).Union(counters.Failures.Select(f => f.Phase)))
        {
            yield return HookRuns.Sample(counters.Runs.GetValueOrDefault(phase), phase);
            yield return HookFailed.Sample(
                counters.Failures.Where(f => f.Phase == phase).Sum(f => (double)f.Count), phase);
        }

        foreach (var failure in counters.Failures)
        {
            yield return HookFailures.Sample(failure.Count, failure.Phase, failure.ErrorId);
        }
    }

    /// <summary>Samples of the doctor's last result.</summary>
    public static IEnumerable<MetricSample> Of(DoctorRecord record)
    {
        if (Seconds(record.Time) is { } time)
        {
            yield return DoctorTime.Sample(time);
        }

        yield return DoctorDuration.Sample(record.Seconds);
        foreach (var (names, verdict) in new[] { (record.Failed, "failed"), (record.Warnings, "warning") })
        {
            yield return DoctorFindings.Sample(names.Count, verdict);
            foreach (var name in names)
            {
                yield return DoctorFinding.Sample(1, name, verdict);
            }
        }

        foreach (var drift in record.Layout ?? [])
        {
            yield return LayoutDrift.Sample(drift.Drifted ? 1 : 0, drift.Gpu);
        }

        foreach (var xid in record.Xids ?? [])
        {
            var number = xid.Xid.ToString(CultureInfo.InvariantCulture);
            yield return Xids.Sample(xid.Count, xid.Gpu, number);
            if (xid.Last is { } last && Seconds(last) is { } written)
            {
                yield return XidTime.Sample(written, xid.Gpu, number);
            }
        }
    }

    private static double? Seconds(string time) =>
        UtcText.TryParse(time, out var moment) ? moment.ToUnixTimeSeconds() : null;
}
