namespace VgpuPS.Core.UseCases.ShowHost;

/// <summary>The scheduler of a GPU's time-sliced vGPUs.</summary>
/// <param name="Policy"><c>BestEffort</c>, <c>EqualShare</c>, <c>FixedShare</c>; null when the driver tells none.</param>
/// <param name="TimesliceMilliseconds">Length of a slice; null where the policy has none.</param>
/// <param name="Policies">Policies that can be set.</param>
/// <param name="MinTimesliceMilliseconds">Shortest slice; null when not told.</param>
/// <param name="MaxTimesliceMilliseconds">Longest slice; null when not told.</param>
public sealed record SchedulerReport(
    string? Policy, double? TimesliceMilliseconds, IReadOnlyList<string> Policies, double? MinTimesliceMilliseconds,
    double? MaxTimesliceMilliseconds);
