using VgpuPS.Core.Rows;

namespace VgpuPS.Core.Report;

/// <content>What the doctor found, and what was changed.</content>
public sealed partial class ReportPage
{
    private void Findings()
    {
        var found = _report.Hosts.SelectMany(h => h.Checks.Where(c => !c.Passed).Select(c => (h.Name, Check: c)))
            .GroupBy(f => (f.Check.Verdict, f.Check.Check, f.Check.Evidence, f.Check.Cause, f.Check.RecommendedAction))
            .OrderBy(g => g.Key.Verdict != nameof(CheckVerdict.Failed)).ToList();
        var looked = _report.Hosts.Where(h => h.Checks.Count > 0).ToList();
        Nothing(looked.Count == 0 ? "The doctor was not asked, or could not look." : string.Create(
            CultureInfo.InvariantCulture,
            $"The doctor looked at {Plural(looked.Count, "host")}: "
                + $"{Count(CheckVerdict.Passed)} checks passed, {Count(CheckVerdict.Skipped)} were skipped, "
                + $"{Count(CheckVerdict.Failed)} failed, {Count(CheckVerdict.Warning)} warn."));
        foreach (var group in found)
        {
            var check = group.First().Check;
            _page.Open("article", ("class", "card")).Open("h3")
                .Element("span", check.Verdict,
                    ("class", check.Verdict == nameof(CheckVerdict.Failed) ? "badge bad" : "badge warn"))
                .Text($" {check.Check} on {Join(group.Select(f => f.Name).Distinct())}").Close()
                .Element("p", check.Title, ("class", "soft")).Open("dl");
            Term("Seen", check.Evidence, isCode: false);
            Term("Cause", check.Cause, isCode: false);
            Term("Do", check.RecommendedAction, isCode: true);
            if (check.Repairable)
            {
                Term("Or", "Repair-VgpuHost", isCode: true);
            }

            _page.Close().Close();
        }
    }

    private void Term(string term, string? text, bool isCode)
    {
        if (string.IsNullOrEmpty(text))
        {
            return;
        }

        _page.Element("dt", term).Open("dd");
        _ = isCode ? _page.Element("code", text) : _page.Text(text);
        _page.Close();
    }

    private void Changes()
    {
        var rows = _report.Hosts.SelectMany(h => h.Events.Select(e => (h.Name, Event: e)))
            .OrderByDescending(e => e.Event.Time).ToList();
        var left = _report.Hosts.Sum(h => h.EventsLeftOut);
        if (rows.Count == 0)
        {
            Nothing($"Nothing was changed in the last {Plural(_report.EventDays, "day")}.");
            return;
        }

        Table(
            $"Changes of the last {Plural(_report.EventDays, "day")}, the newest first"
                + (left > 0 ? $"; {Number(left)} older ones are left out (Get-VgpuEvent shows them)" : ""),
            ["Time", "Host", "By", "VM", "Action", "Target", "Change"],
            rows.Select(r => (IReadOnlyList<Cell>)
            [
                new Cell(Time(r.Event.Time.Kind == DateTimeKind.Unspecified
                    ? DateTime.SpecifyKind(r.Event.Time, DateTimeKind.Utc) : r.Event.Time)) { Style = "fixed" },
                new Cell(r.Name), new Cell(r.Event.Source),
                new Cell(r.Event.VmId is { } vm ? Plain(vm) : "") { Style = Numbers },
                new Cell(r.Event.Action), new Cell(r.Event.Target) { Style = "text" },
                new Cell((r.Event.Before, r.Event.After) switch
                {
                    ("", var after) => after,
                    (var before, "") => $"was {before}",
                    var (before, after) => $"{before} → {after}",
                }),
            ]));
    }

    private void Measurements()
    {
        foreach (var (number, chart) in _report.Charts.Index())
        {
            ChartDrawing.Write(_page, $"chart-{Plain(number)}", chart, _report.Time.Offset);
        }
    }
}
