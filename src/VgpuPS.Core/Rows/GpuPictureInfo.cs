namespace VgpuPS.Core.Rows;

/// <summary>A picture of a GPU and what is on it.</summary>
public sealed record GpuPictureInfo : HostObject
{
    private const string Reset = "\u001b[0m";

    /// <summary>UUID of the GPU.</summary>
    public required string GpuUuid { get; init; }

    /// <summary>Address of the GPU.</summary>
    public required string GpuAddress { get; init; }

    /// <summary>The picture without colours, top to bottom, at most 120 columns.</summary>
    public required IReadOnlyList<string> Lines { get; init; }

    /// <summary>The picture with the terminal's colours, top to bottom.</summary>
    public required IReadOnlyList<string> ColoredLines { get; init; }

    /// <summary>The picture without colours.</summary>
    public override string ToString() => string.Join('\n', Lines);

    /// <summary>A line with the terminal's colours.</summary>
    public static string Color(PictureLine line) => string.Concat(line.Spans.Select(s => Code(s.Style) is { } code
        ? $"\u001b[{code}m{s.Text}{Reset}"
        : s.Text));

    /// <remarks>Source: ECMA-48, select graphic rendition.</remarks>
    private static string? Code(PictureStyle style) => style switch
    {
        PictureStyle.Heading => "1",
        PictureStyle.Free => "2",
        PictureStyle.InUse => "32",
        PictureStyle.Idle => "33",
        _ => null,
    };
}

/// <summary>A line of a picture.</summary>
/// <param name="Spans">Its pieces from left to right.</param>
public sealed record PictureLine(IReadOnlyList<PictureSpan> Spans)
{
    /// <summary>A line of one piece.</summary>
    public static PictureLine Of(string text, PictureStyle style = PictureStyle.Plain) =>
        new([new PictureSpan(text, style)]);

    /// <summary>The line without colours.</summary>
    public override string ToString() => string.Concat(Spans.Select(s => s.Text)).TrimEnd();
}

/// <summary>A piece of a line of a picture.</summary>
/// <param name="Text">Its text, printable ASCII.</param>
/// <param name="Style">What it means.</param>
public sealed record PictureSpan(string Text, PictureStyle Style = PictureStyle.Plain);

/// <summary>What a piece of a picture means, for a face that has colours.</summary>
public enum PictureStyle
{
    /// <summary>Lines and labels.</summary>
    Plain,

    /// <summary>Head line of a GPU.</summary>
    Heading,

    /// <summary>Room that nobody has.</summary>
    Free,

    /// <summary>Something that a running VM uses.</summary>
    InUse,

    /// <summary>Something that is there and that no running VM uses.</summary>
    Idle,
}
