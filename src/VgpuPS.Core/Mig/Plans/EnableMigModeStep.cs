using VgpuPS.Core.Pci;

namespace VgpuPS.Core.Mig.Plans;

/// <summary>Switches MIG mode on; before functions are enabled, the only order that works on every GPU.</summary>
/// <param name="Gpu">The GPU.</param>
/// <remarks>Source: facts/host-behaviour.md 3.</remarks>
public sealed record EnableMigModeStep(PciAddress Gpu) : PlanStep(Gpu)
{
    /// <inheritdoc/>
    public override string Text => $"switch MIG mode on, GPU {Gpu}";

    /// <inheritdoc/>
    public override bool ChangesFunctions => true;
}
