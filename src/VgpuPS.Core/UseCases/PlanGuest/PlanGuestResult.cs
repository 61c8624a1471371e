namespace VgpuPS.Core.UseCases.PlanGuest;

/// <summary>What a start would do.</summary>
/// <param name="VmId">The VM.</param>
/// <param name="HasVgpu">Whether its configuration asks for a vGPU.</param>
/// <param name="Steps">Sentences in order; none where everything is there.</param>
/// <param name="IsComplete">
/// False when the plan ends where functions or MIG mode are switched on: the rest depends on what is there then.
/// </param>
public sealed record PlanGuestResult(int VmId, bool HasVgpu, IReadOnlyList<string> Steps, bool IsComplete);
