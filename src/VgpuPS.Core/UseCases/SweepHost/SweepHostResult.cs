namespace VgpuPS.Core.UseCases.SweepHost;

/// <summary>What a sweep did.</summary>
/// <param name="ReleasedVms">VMs whose claims were released.</param>
/// <param name="RemovedInstances">Hook-made instances that were destroyed, or turned out to be gone.</param>
/// <param name="RemainingInstances">Hook-made instances that remain.</param>
public sealed record SweepHostResult(
    IReadOnlyList<int> ReleasedVms, int RemovedInstances, int RemainingInstances);
