namespace VgpuPS.Core.UseCases.ShowHost;

/// <summary>MIG mode of a GPU.</summary>
/// <param name="Current">Whether it is on.</param>
/// <param name="Pending">Whether it will be on after the next reset.</param>
public sealed record MigReport(bool Current, bool Pending);
