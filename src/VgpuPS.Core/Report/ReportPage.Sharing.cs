using VgpuPS.Core.Rows;

namespace VgpuPS.Core.Report;

/// <content>What vGPUs deliver, time-sliced and MIG-backed.</content>
public sealed partial class ReportPage
{
    private const string None = "—";

    private void Sharing()
    {
        var number = 0;
        foreach (var group in _report.Sharing.GroupBy(r => (r.Reference, r.Difference, r.VgpuHost)))
        {
            var rows = group.ToList();
            _page.Element("h3", Join(new[] { group.Key.Reference, group.Key.Difference, group.Key.VgpuHost }
                .Where(t => !string.IsNullOrEmpty(t)).OfType<string>()));
            foreach (var chart in SharingCharts.Of(rows))
            {
                ChartDrawing.Write(_page, $"sharing-{Plain(number++)}", chart, _report.Time.Offset);
            }

            SharingTable(rows);
            foreach (var note in rows.SelectMany(r => r.Notes).Distinct())
            {
                Nothing(note);
            }
        }
    }

    private void SharingTable(IReadOnlyList<VgpuSharingInfo> rows) => Table(
        "What a vGPU delivers, the mean of its VMs, and all that work together"
            + (rows.Any(r => r.IsSimulated) ? " (performance model, no GPU)" : ""),
        [
            "Workload", "Mode", rows[0].Reference ?? None, rows[0].Difference ?? None, "Change", "Together", "Of peak",
            "Switching",
        ],
        rows.Select(r => (IReadOnlyList<Cell>)
        [
            new Cell(r.Workload, r.Unit) { IsHead = true },
            new Cell(r.Mode),
            new Cell(Amount(r.ReferenceValue)) { Style = Numbers },
            new Cell(Amount(r.DifferenceValue)) { Style = Numbers },
            new Cell(
                Percent(r.ChangePercent, "+0.#;-0.#;0"),
                r.NoisePercent is null ? null : $"noise ± {Percent(r.NoisePercent, "0.#")}") { Style = Numbers },
            new Cell($"{Amount(r.ReferenceSum)} / {Amount(r.DifferenceSum)}") { Style = Numbers },
            new Cell($"{Share(r.ReferenceEfficiency)} / {Share(r.DifferenceEfficiency)}") { Style = Numbers },
            new Cell($"{Share(r.ReferenceSwitchingPrice)} / {Share(r.DifferenceSwitchingPrice)}") { Style = Numbers },
        ]));

    private static string Amount(double? value) => value is { } number
        ? number.ToString(number < 100 ? "0.0" : "#,0", CultureInfo.InvariantCulture) : None;

    private static string Percent(double? value, string format) => value is { } number
        ? Math.Round(number, 1).ToString(format, CultureInfo.InvariantCulture) + " %" : None;

    private static string Share(double? value) => Percent(100 * value, "0");
}
