namespace VgpuPS.Core.UseCases.TestVgpuHook;

/// <summary>One thing that must be right for a VM's hook to run.</summary>
/// <param name="VmId">The VM; null for a check of the host.</param>
/// <param name="VmName">Its name; null without one.</param>
/// <param name="Check">
/// <c>Installed</c>, <c>Registered</c>, <c>File</c>, <c>Executable</c>, <c>Content</c>, <c>Storage</c>, <c>Chain</c> or
/// <c>Unit</c>.
/// </param>
/// <param name="Passed">Whether it is right.</param>
/// <param name="Detail">What was looked at, or what is wrong.</param>
/// <param name="RecommendedAction">What to do; null where it is right.</param>
public sealed record HookCheck(
    int? VmId, string? VmName, string Check, bool Passed, string Detail, string? RecommendedAction);
