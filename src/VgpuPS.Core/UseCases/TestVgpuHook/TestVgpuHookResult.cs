namespace VgpuPS.Core.UseCases.TestVgpuHook;

/// <summary>What was found.</summary>
/// <param name="Checks">Checks by VM, in the order in which they build on each other; those of the host at the end.</param>
public sealed record TestVgpuHookResult(IReadOnlyList<HookCheck> Checks);
