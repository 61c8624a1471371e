using VgpuPS.Core.Contracts;

namespace VgpuPS.Core.UseCases.VmConfigs;

/// <summary>What is missing until a VM has our hook.</summary>
/// <param name="Install">Path of the snippet to write; null where the right one is there.</param>
/// <param name="Chain">The VM's other hookscript, to be chained; null for none.</param>
/// <param name="Volume">New value of <c>hookscript</c>; null where it stays.</param>
/// <param name="Steps">Sentences for people, in order.</param>
internal sealed record HookPlan(string? Install, ChainedScript? Chain, string? Volume, IReadOnlyList<string> Steps)
{
    /// <summary>Whether a script of the VM was in the chain before.</summary>
    public bool IsChained { get; init; }

    /// <summary>All is there.</summary>
    public static HookPlan Nothing { get; } = new(null, null, null, []);
}
