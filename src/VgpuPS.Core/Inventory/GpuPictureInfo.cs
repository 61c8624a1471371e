using VgpuPS.Core.UseCases.ShowHost;

namespace VgpuPS.Core.Inventory;

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
    internal static string Color(PictureLine line) => string.Concat(line.Spans.Select(s => Code(s.Style) is { } code
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
