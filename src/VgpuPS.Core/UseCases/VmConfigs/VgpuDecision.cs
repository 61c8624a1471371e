using VgpuPS.Core.Pci;
using VgpuPS.Core.UseCases.Changes;

namespace VgpuPS.Core.UseCases.VmConfigs;

/// <summary>What shall be written into a VM's configuration, decided on from what was read.</summary>
/// <param name="Vm">The VM as it was read.</param>
/// <param name="Key">The entry, <c>hostpciN</c>.</param>
/// <param name="Value">Its new line; null where it stays.</param>
/// <param name="Hook">What is missing of the hook.</param>
/// <param name="Plan">The plan for people.</param>
internal sealed record VgpuDecision(VmSubject Vm, string Key, string? Value, HookPlan Hook, ChangePlan Plan)
{
    /// <summary>The function that the VM shall have for itself; null for none.</summary>
    public PciAddress? Function { get; init; }

    /// <summary>Whether a person named the function, so that no other will do.</summary>
    public bool IsNamed { get; init; }
}
