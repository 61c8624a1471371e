namespace VgpuPS.Core.UseCases.ShowHost;

/// <summary>Where an instance sits, in memory slices.</summary>
/// <param name="Start">First slice, from 0.</param>
/// <param name="Size">Number of slices.</param>
public sealed record PlacementReport(int Start, int Size);
