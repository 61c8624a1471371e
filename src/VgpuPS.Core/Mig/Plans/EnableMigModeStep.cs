using VgpuPS.Core.Pci;

namespace VgpuPS.Core.Mig.Plans;

/// <summary>Switches MIG mode on; before functions are enabled, the only order that works on every GPU.</summary>
/// <param name="Gpu">The GPU.</param>
/// <remarks>Source: facts/host-behaviour.md 3.</remarks>
public sealed record EnableMigModeStep(PciAddress Gpu) : PlanStep(Gpu)
{
    /// <summary>Whether the GPU may be reset where the change asks for it.</summary>
    public bool MayReset { get; init; }

    /// <inheritdoc/>
    public override string Text => MayReset
        ? $"switch MIG mode on, with a GPU reset where it asks for one, GPU {Gpu}"
        : $"switch MIG mode on, GPU {Gpu}";

    /// <inheritdoc/>
    public override bool ChangesFunctions => true;
}
