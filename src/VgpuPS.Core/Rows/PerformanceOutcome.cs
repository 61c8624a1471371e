namespace VgpuPS.Core.Rows;

/// <summary>What a measurement came to, as soon as that is known: a row, or why there is none.</summary>
/// <param name="Row">The row; null where it failed.</param>
/// <param name="Problem">Why it failed; null where it did not.</param>
public sealed record PerformanceOutcome(VgpuPerformanceInfo? Row, HostProblem? Problem);
