namespace VgpuPS.Core.UseCases.ShowHost;

/// <summary>A piece of a line of a picture.</summary>
/// <param name="Text">Its text, printable ASCII.</param>
/// <param name="Style">What it means.</param>
public sealed record PictureSpan(string Text, PictureStyle Style = PictureStyle.Plain);
