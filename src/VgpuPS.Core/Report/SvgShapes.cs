namespace VgpuPS.Core.Report;

/// <summary>Shapes of pictures, in the picture's own units.</summary>
internal static class SvgShapes
{
    /// <summary>Width of a character of labels, at most what common fonts need on the average.</summary>
    /// <remarks>Assumed: 0.56 em; DejaVu Sans, the widest of the fonts that the page names, has 0.59 for mixed
    /// text.</remarks>
    private const double CharacterWidth = 7.6;

    /// <summary>Begins a picture with its name and what it shows, for those who do not see it.</summary>
    /// <param name="page">Where to write.</param>
    /// <param name="id">Unique in the page; begins the ids of both texts.</param>
    /// <param name="size">Its size.</param>
    /// <param name="style">Its class.</param>
    /// <param name="title">Its name.</param>
    /// <param name="description">What it shows.</param>
    public static void OpenPicture(
        this HtmlWriter page, string id, (double Width, double Height) size, string style, string title,
        string description) => page
            .Open("svg", ("viewBox", $"0 0 {Number(size.Width)} {Number(size.Height)}"), ("class", style),
                ("role", "img"), ("aria-labelledby", $"{id}-t {id}-d"))
            .Element("title", title, ("id", id + "-t")).Element("desc", description, ("id", id + "-d"));

    public static void Rectangle(
        this HtmlWriter page, double x, double y, double width, double height, string style, double radius = 4) =>
        page.Single("rect", ("x", Number(x)), ("y", Number(y)), ("width", Number(Math.Max(0, width))),
            ("height", Number(Math.Max(0, height))), ("rx", radius > 0 ? Number(radius) : null), ("class", style));

    public static void Line(
        this HtmlWriter page, double x1, double y1, double x2, double y2, string style) =>
        page.Single("line", ("x1", Number(x1)), ("y1", Number(y1)), ("x2", Number(x2)), ("y2", Number(y2)),
            ("class", style));

    /// <summary>A label; what is wider than its place is cut.</summary>
    public static void Label(
        this HtmlWriter page, double x, double y, string text, double width, string? style = null,
        string anchor = "start") => page.Element(
            "text", Fit(text, width), ("x", Number(x)), ("y", Number(y)), ("class", style),
            ("text-anchor", anchor == "start" ? null : anchor));

    /// <summary>A number as SVG has it: two digits, no exponent.</summary>
    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>As much of a text as a width takes, with an ellipsis where it is cut.</summary>
    public static string Fit(string text, double width) => Clip(text, Math.Max(1, (int)(width / CharacterWidth)));

    /// <summary>The first characters of a text, with an ellipsis where it is cut; never half a character.</summary>
    public static string Clip(string text, int length)
    {
        if (text.Length <= length)
        {
            return text;
        }

        var end = Math.Max(1, length - 1);
        return (char.IsHighSurrogate(text[end - 1]) ? text[..(end - 1)] : text[..end]) + "…";
    }
}
