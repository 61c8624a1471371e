using VgpuPS.Core.Performance;
using VgpuPS.Core.Rows;

namespace VgpuPS.Core.Report;

/// <summary>Makes the article's plots of a comparison: per vGPU, idle and loaded, one side beside the other, with
/// the peak of the board and what all deliver together.</summary>
internal static class SharingCharts
{
    /// <summary>A peak that is further away is a text: bars would be too low to be read.</summary>
    private const double MaxPeakRatio = 2.5;

    private const double Thousand = 1000;

    private static readonly (string Title, Workload[] Workloads)[] s_plots =
    [
        ("PCI Express", [Workload.HostToDevice, Workload.DeviceToHost]),
        .. Workload.All.Skip(2).Select(w => (char.ToUpperInvariant(w.Title[0]) + w.Title[1..], new[] { w })),
    ];

    /// <summary>Plots of rows of one comparison.</summary>
    public static IEnumerable<ReportChart> Of(IReadOnlyList<VgpuSharingInfo> rows) =>
        from plot in s_plots
        let drawn = rows.Where(r => plot.Workloads.Any(w => w.Name == r.Workload)).ToList()
        where drawn.Count > 0
        select Plot(plot.Title, drawn);

    private static ReportChart Plot(string title, IReadOnlyList<VgpuSharingInfo> rows)
    {
        List<double> values = [.. rows.SelectMany(r => new[]
        {
            r.ReferenceValue, r.DifferenceValue, r.ReferenceSum, r.DifferenceSum,
        }).OfType<double>()];
        var isLarge = rows[0].Unit == "GFLOP/s" && values.DefaultIfEmpty(0).Max() >= 10 * Thousand;
        var (unit, scale) = isLarge ? ("TFLOP/s", Thousand) : (rows[0].Unit, 1);
        var first = rows[0];
        var isSame = first.Reference == first.Difference;
        List<ChartSeries> series =
        [
            .. first.Reference is { } reference ? [new ChartSeries(
                isSame ? reference + ", reference" : reference,
                [.. rows.Select((r, at) => Point(r, at, r.ReferenceValue, r.ReferenceSum))])]
                : Array.Empty<ChartSeries>(),
            .. first.Difference is { } difference ? [new ChartSeries(
                isSame ? difference + ", difference" : difference,
                [.. rows.Select((r, at) => Point(r, at, r.DifferenceValue, r.DifferenceSum))])]
                : Array.Empty<ChartSeries>(),
        ];
        var peaks = rows.SelectMany(r => new[] { r.ReferencePeak, r.DifferencePeak }).OfType<double>().Distinct()
            .Select(p => new ChartLevel("peak of the board", p / scale)).ToList();
        var isNear = peaks.Count > 0
            && peaks.Max(p => p.Value) <= MaxPeakRatio * values.DefaultIfEmpty(0).Max() / scale;
        return new ReportChart(
            $"{title}, per vGPU{(first.IsSimulated ? " (performance model, no GPU)" : "")}", unit, ChartKind.Bars,
            series)
        {
            Levels = isNear ? peaks : [],
            Totals = series.Exists(s => s.Points.Any(p => p.Total is not null)) ? "all that work, together" : "",
            Note = string.Join(". ", Notes(rows, isNear ? [] : peaks, unit)),
        };

        ChartPoint Point(VgpuSharingInfo row, int at, double? value, double? sum) =>
            new(at, value / scale, Label(row, rows)) { Total = sum > value ? sum / scale : null };
    }

    private static string Label(VgpuSharingInfo row, IReadOnlyList<VgpuSharingInfo> rows)
    {
        var mode = row.Mode == nameof(LoadMode.Idle) ? "idle" : "loaded";
        var hasSeveral = rows.Select(r => r.Workload).Distinct().Count() > 1;
        return hasSeveral
            ? (row.Workload == Workload.HostToDevice.Name ? "host to device, " : "device to host, ") + mode
            : row.Mode == nameof(LoadMode.Idle) ? "idle: one works" : "loaded: all work";
    }

    private static IEnumerable<string> Notes(
        IReadOnlyList<VgpuSharingInfo> rows, IReadOnlyList<ChartLevel> peaks, string unit)
    {
        foreach (var peak in peaks)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture, $"The {peak.Name}, {peak.Value:#,0.##} {unit}, is above the scale");
        }

        // Copies over PCI Express share a link, which has no contexts.
        foreach (var row in rows.Where(r => r.Unit == Workload.SmallGemm.Unit
            || r.Workload == Workload.DeviceMemory.Name))
        {
            foreach (var (side, price) in new[]
            {
                (row.Reference, row.ReferenceSwitchingPrice), (row.Difference, row.DifferenceSwitchingPrice),
            })
            {
                if (price is { } share)
                {
                    yield return string.Create(
                        CultureInfo.InvariantCulture, $"Price of context switching, {side}: {share:0.#%}");
                }
            }
        }
    }
}
