using VgpuPS.Core.Contracts;

namespace VgpuPS.Core.UseCases.BootHost;

/// <summary>What was done at boot.</summary>
/// <param name="Status">As it is kept for those who ask later.</param>
/// <param name="Failures">What could not be done, in the order in which it failed.</param>
public sealed record BootHostResult(BootStatus Status, IReadOnlyList<BootFailure> Failures);
