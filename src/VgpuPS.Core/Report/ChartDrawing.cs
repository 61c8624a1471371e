namespace VgpuPS.Core.Report;

/// <summary>Draws a chart: lines over time or a number, or groups of bars.</summary>
internal static class ChartDrawing
{
    private const double Width = 920;
    private const double Height = 260;
    private const double Left = 84;
    private const double Right = 14;
    private const double Top = 12;
    private const double Bottom = 34;
    private const int Colours = 8;
    private static readonly int[] s_factors = [1, 2, 5, 10];

    private const int MaxMarks = 8;
    private const int MaxDescribed = 40;

    private static double PlotWidth => Width - Left - Right;

    private static double PlotHeight => Height - Top - Bottom;

    /// <summary>Draws it.</summary>
    /// <param name="page">Where to write.</param>
    /// <param name="id">Unique in the page.</param>
    /// <param name="chart">The chart.</param>
    /// <param name="offset">Offset of times from UTC.</param>
    public static void Write(HtmlWriter page, string id, ReportChart chart, TimeSpan offset)
    {
        var values = chart.Series.SelectMany(s => s.Points).SelectMany(p => new[] { p.Value, p.Total })
            .OfType<double>().Concat(chart.Levels.Select(l => l.Value)).Where(double.IsFinite).ToList();
        var (low, high, step) = Scale(Math.Min(0, values.DefaultIfEmpty(0).Min()), values.DefaultIfEmpty(1).Max());
        page.Open("figure", ("class", "card")).Element("h3", chart.Title);
        Legend(page, chart);
        page.Open("div", ("class", "drawing"));
        page.OpenPicture(id, (Width, Height), "chart", chart.Title, Describe(chart));
        for (var mark = low; mark <= high + (step / 2); mark += step)
        {
            var y = Y(mark, low, high);
            page.Line(Left, y, Width - Right, y, Math.Abs(mark) < step / 2 ? "axis" : "grid");
            page.Label(Left - 8, y + 4, Mark(mark, step), Left, "faint", "end");
        }

        page.Label(4, Top + 4, chart.Unit, Left - 28, "faint");
        if (chart.Kind == ChartKind.Bars)
        {
            Bars(page, chart, low, high);
        }
        else
        {
            Lines(page, chart, low, high, offset);
        }

        page.Close().Close();
        if (chart.Note.Length > 0)
        {
            page.Element("figcaption", chart.Note);
        }

        page.Close();
    }

    private static void Legend(HtmlWriter page, ReportChart chart)
    {
        page.Open("ul", ("class", "key"));
        foreach (var (number, series) in chart.Series.Index())
        {
            page.Open("li", ("class", Colour(number)))
                .Open("svg", ("viewBox", "0 0 22 14"), ("aria-hidden", "true"));
            page.Rectangle(0, 4, 22, 6, "bar", 2);
            page.Close().Text(series.Name).Close();
        }

        if (chart.Totals.Length > 0)
        {
            page.Open("li").Open("svg", ("viewBox", "0 0 22 14"), ("aria-hidden", "true"));
            page.Rectangle(1, 2, 20, 10, "total", 2);
            page.Close().Text(chart.Totals).Close();
        }

        page.Close();
    }

    private static void Lines(HtmlWriter page, ReportChart chart, double low, double high, TimeSpan offset)
    {
        var all = chart.Series.SelectMany(s => s.Points).Select(p => p.At).Where(double.IsFinite).ToList();
        var (first, last) = (all.DefaultIfEmpty(0).Min(), all.DefaultIfEmpty(1).Max());
        var span = last > first ? last - first : 1;
        foreach (var (number, series) in chart.Series.Index())
        {
            page.Open("g", ("class", Colour(number))).Element("title", series.Name);
            foreach (var run in Runs(series.Points))
            {
                var dots = run.Select(p => (X: Left + ((p.At - first) / span * PlotWidth),
                    Y: Y(p.Value!.Value, low, high))).ToList();
                if (dots is [var only])
                {
                    page.Single("circle", ("cx", N(only.X)), ("cy", N(only.Y)), ("r", "3"), ("class", "dot"));
                    continue;
                }

                page.Single("polyline", ("class", "line"),
                    ("points", string.Join(' ', dots.Select(d => $"{N(d.X)},{N(d.Y)}"))));
            }

            page.Close();
        }

        const int Marks = 5;
        for (var mark = 0; mark <= Marks; mark++)
        {
            var at = first + (span * mark / Marks);
            page.Label(Left + (PlotWidth * mark / Marks), Height - Bottom + 20,
                chart.Axis.Length == 0 ? Time(at, span, offset) : Mark(at, span / Marks), PlotWidth / Marks, "faint",
                mark == 0 ? "start" : mark == Marks ? "end" : "middle");
        }
    }

    private static void Bars(HtmlWriter page, ReportChart chart, double low, double high)
    {
        List<string> groups = [.. chart.Series.SelectMany(s => s.Points).Select(p => p.Label).Distinct()];
        var groupWidth = PlotWidth / Math.Max(1, groups.Count);
        var width = Math.Min(60, groupWidth * 0.8 / Math.Max(1, chart.Series.Count));
        foreach (var (number, series) in chart.Series.Index())
        {
            page.Open("g", ("class", Colour(number)));
            foreach (var point in series.Points.Where(p => p.Value is { } v && double.IsFinite(v)))
            {
                var x = Left + (groups.IndexOf(point.Label) * groupWidth)
                    + ((groupWidth - (width * chart.Series.Count)) / 2) + (number * width);
                page.Open("g").Element("title", $"{point.Label} {series.Name}: {Describe(point, chart.Unit)}");
                Bar(page, point, x, width, value => Y(value, low, high));
            }

            page.Close();
        }

        Levels(page, chart, low, high);
        foreach (var (number, group) in groups.Index())
        {
            page.Label(Left + ((number + 0.5) * groupWidth), Height - Bottom + 20, group, groupWidth, "faint",
                "middle");
        }
    }

    /// <summary>Draws a bar, and its total around it, into the group that is open, and closes that.</summary>
    private static void Bar(HtmlWriter page, ChartPoint point, double x, double width, Func<double, double> y)
    {
        var (zero, tip) = (y(0), y(point.Value!.Value));
        page.Rectangle(x + 1, Math.Min(zero, tip), width - 2, Math.Abs(tip - zero), "bar", 2);
        if (point.Total is { } total && double.IsFinite(total))
        {
            var top = y(total);
            page.Rectangle(x + 1, top, width - 2, zero - top, "total", 2);
            page.Label(x + (width / 2), top - 4, Value(total), width, "faint", "middle");
        }

        page.Close();
        if (width >= 34)
        {
            page.Label(x + (width / 2), Math.Min(zero, tip) - 4, Value(point.Value.Value), width + 8, "faint",
                "middle");
        }
    }

    private static void Levels(HtmlWriter page, ReportChart chart, double low, double high)
    {
        foreach (var (number, level) in chart.Levels.Index())
        {
            var (y, isFirst) = (Y(level.Value, low, high), number % 2 == 0);
            page.Line(Left, y, Width - Right, y, "level");
            page.Label(
                isFirst ? Width - Right : Left + 4, y - 4, $"{level.Name} {Value(level.Value)} {chart.Unit}", PlotWidth,
                "faint", isFirst ? "end" : "start");
        }
    }

    /// <summary>Values in a row; one that was not to be had ends a run.</summary>
    private static IEnumerable<List<ChartPoint>> Runs(IReadOnlyList<ChartPoint> points)
    {
        var run = new List<ChartPoint>();
        foreach (var point in points)
        {
            if (point.Value is { } value && double.IsFinite(value) && double.IsFinite(point.At))
            {
                run.Add(point);
            }
            else if (run.Count > 0)
            {
                yield return run;
                run = [];
            }
        }

        if (run.Count > 0)
        {
            yield return run;
        }
    }

    /// <summary>Ends of an axis and its step: 1, 2 or 5 times a power of ten.</summary>
    private static (double Low, double High, double Step) Scale(double low, double high)
    {
        var span = high > low ? high - low : 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(span / MaxMarks)));
        var step = s_factors.Select(f => f * power).First(s => span / s <= MaxMarks);
        return (Math.Floor(low / step) * step, Math.Ceiling(Math.Max(high, low + span) / step) * step, step);
    }

    private static double Y(double value, double low, double high) =>
        Top + ((high - value) / (high - low) * PlotHeight);

    private static string Describe(ReportChart chart) => string.Join("; ", chart.Series.Take(MaxDescribed).Select(s =>
    {
        List<double> values = [.. s.Points.Select(p => p.Value).OfType<double>().Where(double.IsFinite)];
        return values.Count == 0 ? $"{s.Name}: no values"
            : chart.Kind == ChartKind.Bars ? $"{s.Name}: " + string.Join(", ", s.Points.Take(MaxDescribed).Select(
                p => $"{p.Label} {Describe(p, chart.Unit)}"))
            : $"{s.Name}: {values.Count} values from {Value(values.Min())} to {Value(values.Max())} {chart.Unit}, "
                + $"last {Value(values[^1])}";
    }));

    private static string Describe(ChartPoint point, string unit) =>
        $"{(point.Value is { } value ? Value(value) : "none")} {unit}".TrimEnd()
            + (point.Total is { } total ? $" of {Value(total)} {unit}".TrimEnd() : "");

    private static string Time(double seconds, double span, TimeSpan offset)
    {
        var time = DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Clamp(seconds * 1000, -6e13, 2.5e14))
            .ToOffset(offset);
        return time.ToString(span > 2 * 86400 ? "MM-dd HH:mm" : span > 600 ? "HH:mm" : "HH:mm:ss",
            CultureInfo.InvariantCulture);
    }

    private static string Mark(double value, double step) => Short(value) ?? value.ToString(
        step >= 1 ? "#,0" : step >= 0.1 ? "0.0" : "0.###", CultureInfo.InvariantCulture);

    /// <summary>A large number in thousands, millions or milliards; null for one that is not.</summary>
    private static string? Short(double value) => Math.Abs(value) switch
    {
        >= 1e9 => (value / 1e9).ToString("0.##G", CultureInfo.InvariantCulture),
        >= 1e6 => (value / 1e6).ToString("0.##M", CultureInfo.InvariantCulture),
        >= 1e4 => (value / 1e3).ToString("0.##k", CultureInfo.InvariantCulture),
        _ => null,
    };

    private static string Value(double value) => Short(value) ?? value.ToString(
        Math.Abs(value) >= 100 ? "#,0" : "0.##", CultureInfo.InvariantCulture);

    private static string Colour(int number) => $"s{(number % Colours).ToString(CultureInfo.InvariantCulture)}";

    private static string N(double value) => SvgShapes.Number(value);
}
