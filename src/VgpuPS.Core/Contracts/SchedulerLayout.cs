namespace VgpuPS.Core.Contracts;

/// <summary>Scheduler of a GPU's time-sliced vGPUs.</summary>
/// <param name="Policy">Best effort, equal share or fixed share.</param>
/// <param name="TimesliceMilliseconds">Length of a slice, 1 to 30; null: the driver's own.</param>
/// <remarks>Source: facts/host-behaviour.md 6.</remarks>
public sealed record SchedulerLayout(SchedulerPolicy Policy, int? TimesliceMilliseconds = null);
