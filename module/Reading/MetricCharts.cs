using System.Globalization;
using VgpuPS.Core.Report;

namespace VgpuPS.Reading;

/// <summary>Makes charts of samples that Get-VgpuMetric wrote, in this session or an earlier one: a chart a metric,
/// lines over time, or bars where there is one time only.</summary>
internal static class MetricCharts
{
    private const int MaxCharts = 24;
    private const int MaxSeries = 12;
    private const int MaxBars = 32;
    private const string Prefix = "vgpups_";

    /// <summary>A sample; null where the object is none.</summary>
    public static VgpuSample? Find(PSObject value)
    {
        if (!value.TypeNames.Any(t => t.EndsWith(typeof(VgpuMetricInfo).FullName!, StringComparison.Ordinal)))
        {
            return null;
        }

        return value.Properties["Time"]?.Value is DateTime time
            ? new VgpuSample(
                Text("VgpuHost"), Text("Metric"), Text("Unit"), $"{Text("Subject")} {Text("Detail")}".Trim(),
                new DateTimeOffset(time.ToUniversalTime()).ToUnixTimeMilliseconds() / 1000.0,
                LanguagePrimitives.TryConvertTo<double?>(value.Properties["Value"]?.Value, out var number)
                    ? number : null)
            : null;

        string Text(string name) =>
            Convert.ToString(value.Properties[name]?.Value, CultureInfo.InvariantCulture) ?? "";
    }

    /// <summary>Charts of samples, in the order in which their metrics first came; what always is 1 has none.</summary>
    public static IEnumerable<ReportChart> Of(IReadOnlyList<VgpuSample> samples)
    {
        var hosts = samples.Select(s => s.Host).Distinct().Count();
        return samples.Where(s => !s.Metric.EndsWith("_info", StringComparison.Ordinal)).GroupBy(s => s.Metric)
            .Where(g => g.Any(s => s.Value is not null)).Take(MaxCharts).Select(g => Chart([.. g], hosts > 1));
    }

    private static ReportChart Chart(IReadOnlyList<VgpuSample> samples, bool withHosts)
    {
        var metric = samples[0].Metric;
        var name = metric.StartsWith(Prefix, StringComparison.Ordinal) ? metric[Prefix.Length..] : metric;
        var title = name.Replace('_', ' ');
        var subjects = samples.GroupBy(s => withHosts ? $"{s.Host} {s.Subject}" : s.Subject).ToList();
        if (samples.Select(s => s.At).Distinct().Count() < 2)
        {
            return new ReportChart(title + Left(subjects.Count, MaxBars), samples[0].Unit, ChartKind.Bars,
            [
                new ChartSeries(name, [.. subjects.Take(MaxBars).Select(
                    (s, at) => new ChartPoint(at, s.Last().Value, s.Key))]),
            ]);
        }

        return new ReportChart(title + Left(subjects.Count, MaxSeries), samples[0].Unit, ChartKind.Lines,
            [.. subjects.Take(MaxSeries).Select(s => new ChartSeries(
                s.Key, [.. s.OrderBy(p => p.At).Select(p => new ChartPoint(p.At, p.Value))]))]);
    }

    private static string Left(int count, int shown) => count <= shown ? ""
        : string.Create(CultureInfo.InvariantCulture, $" ({shown} of {count})");
}

/// <summary>A value that was measured.</summary>
/// <param name="Host">Name of the session.</param>
/// <param name="Metric">Name of the metric.</param>
/// <param name="Unit">Its unit; empty for none.</param>
/// <param name="Subject">What it was measured of.</param>
/// <param name="At">When, in seconds since the Unix epoch.</param>
/// <param name="Value">The value; null where it was not to be had.</param>
internal sealed record VgpuSample(string Host, string Metric, string Unit, string Subject, double At, double? Value);
