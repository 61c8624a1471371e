namespace VgpuPS.Core.UseCases.RepairHost;

/// <summary>One safe fix.</summary>
/// <param name="Text">A sentence for people, in the imperative, without a full stop.</param>
/// <param name="Run">Carries it out.</param>
internal sealed record RepairStep(string Text, Func<CancellationToken, Task> Run);
