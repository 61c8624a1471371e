namespace VgpuPS.Core.UseCases.PrepareGuest;

/// <summary>What was done for a start.</summary>
/// <param name="HasVgpu">Whether the VM's configuration asks for a vGPU at all.</param>
/// <param name="Steps">What was done, a sentence each; none where everything was there.</param>
public sealed record PrepareGuestResult(bool HasVgpu, IReadOnlyList<string> Steps);
