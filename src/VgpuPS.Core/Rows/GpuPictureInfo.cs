namespace VgpuPS.Core.Rows;

/// <summary>A diagram of a GPU and what is on it.</summary>
public sealed record GpuPictureInfo : HostObject
{
    private const string Reset = "\u001b[0m";

    /// <summary>UUID of the GPU.</summary>
    public required string GpuUuid { get; init; }

    /// <summary>Address of the GPU.</summary>
    public required string GpuAddress { get; init; }

    /// <summary>The diagram without colours, top to bottom, at most 120 columns.</summary>
    public required IReadOnlyList<string> Lines { get; init => field = RowList.Of(value); }

    /// <summary>The diagram with the terminal's colours, top to bottom.</summary>
    public required IReadOnlyList<string> ColoredLines { get; init => field = RowList.Of(value); }

    /// <summary>The diagram without colours.</summary>
    public override string ToString() => string.Join('\n', Lines);

    /// <summary>A line with the terminal's colours.</summary>
    public static string Color(DiagramLine line) => string.Concat(line.Spans.Select(s => Code(s.Style) is { } code
        ? $"\u001b[{code}m{s.Text}{Reset}"
        : s.Text));

    /// <remarks>Source: ECMA-48, select graphic rendition.</remarks>
    private static string? Code(DiagramStyle style) => style switch
    {
        DiagramStyle.Heading => "1",
        DiagramStyle.Free => "2",
        DiagramStyle.InUse => "32",
        DiagramStyle.Idle => "33",
        DiagramStyle.Warning => "31",
        _ => null,
    };
}

/// <summary>A line of a diagram.</summary>
/// <param name="Spans">Its pieces from left to right.</param>
public sealed record DiagramLine(IReadOnlyList<DiagramSpan> Spans)
{
    /// <summary>A line of one piece.</summary>
    public static DiagramLine Of(string text, DiagramStyle style = DiagramStyle.Plain) =>
        new([new DiagramSpan(text, style)]);

    /// <summary>The line without colours.</summary>
    public override string ToString() => string.Concat(Spans.Select(s => s.Text)).TrimEnd();
}

/// <summary>A piece of a line of a diagram.</summary>
/// <param name="Text">Its text, printable ASCII.</param>
/// <param name="Style">What it means.</param>
public sealed record DiagramSpan(string Text, DiagramStyle Style = DiagramStyle.Plain);

/// <summary>What a piece of a diagram means, for a face that has colours.</summary>
public enum DiagramStyle
{
    /// <summary>Lines and labels.</summary>
    Plain,

    /// <summary>Head line of a GPU.</summary>
    Heading,

    /// <summary>Free capacity.</summary>
    Free,

    /// <summary>Something that a running VM uses.</summary>
    InUse,

    /// <summary>Something that is there and that no running VM uses.</summary>
    Idle,

    /// <summary>What needs an admin.</summary>
    Warning,
}
