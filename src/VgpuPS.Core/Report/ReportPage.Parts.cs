namespace VgpuPS.Core.Report;

/// <content>Tables, texts and numbers that all sections have.</content>
public sealed partial class ReportPage
{
    private void Table(string caption, IReadOnlyList<string> heads, IEnumerable<IReadOnlyList<Cell>> rows)
    {
        var all = rows.ToList();

        // A table that is wider than the window is moved with the keyboard too.
        _page.Open("div", ("class", "wide"), ("tabindex", "0"), ("role", "region"), ("aria-label", caption))
            .Open("table").Element("caption", caption).Open("thead").Open("tr");
        foreach (var (column, head) in heads.Index())
        {
            var isNumber = all.Exists(r => r.Count == heads.Count && r[column].Style == Numbers);
            _page.Element("th", head, ("scope", "col"), ("class", isNumber ? Numbers : null));
        }

        _page.Close().Close().Open("tbody");
        foreach (var row in all)
        {
            _page.Open("tr");
            foreach (var cell in row)
            {
                Write(cell);
            }

            _page.Close();
        }

        _page.Close().Close().Close();
    }

    private void Write(Cell cell)
    {
        _page.Open(cell.IsHead ? "th" : "td", ("scope", cell.IsHead ? "row" : null), ("class", cell.Style),
            ("colspan", cell.Span > 1 ? Number(cell.Span) : null));
        if (cell.Badge is { } badge)
        {
            _page.Element("span", cell.Text, ("class", $"badge {badge}"));
        }
        else if (cell.Text.Length > LongText)
        {
            _page.Element("span", cell.Text, ("class", "name"));
        }
        else
        {
            _page.Text(cell.Text);
        }

        if (!string.IsNullOrEmpty(cell.Note))
        {
            _page.Element("small", cell.Note, ("class", cell.Note.Length > LongText ? "name" : null));
        }

        _page.Close();
    }

    /// <summary>What to do, with its command set apart.</summary>
    private void Action(string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            _page.Open("p").Text("Do: ").Element("code", text).Close();
        }
    }

    private void Nothing(string text) => _page.Element("p", text, ("class", "soft"));

    private string Time(DateTimeOffset time) =>
        time.ToOffset(_report.Time.Offset).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string Number(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Plain(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Plural(int count, string what) => $"{Number(count)} {what}{(count == 1 ? "" : "s")}";

    private static string Join(IEnumerable<string> texts) => string.Join(", ", texts);

    private const int LongText = 120;
    private const string Numbers = "number";

    /// <summary>A cell of a table.</summary>
    /// <param name="Text">What it says.</param>
    /// <param name="Note">More of it, below; null for none.</param>
    private sealed record Cell(string Text, string? Note = null)
    {
        public bool IsHead { get; init; }

        public string? Badge { get; init; }

        public string? Style { get; init; }

        public int Span { get; init; } = 1;
    }
}
