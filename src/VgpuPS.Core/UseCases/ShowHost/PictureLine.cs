namespace VgpuPS.Core.UseCases.ShowHost;

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
