using VgpuPS.Core.Pci;

namespace VgpuPS.Core.Mig.Plans;

/// <summary>Switches MIG mode off; with functions or GPU instances the driver refuses.</summary>
/// <param name="Gpu">The GPU.</param>
/// <remarks>Source: facts/host-behaviour.md 3: <c>In use by another client</c>.</remarks>
public sealed record DisableMigModeStep(PciAddress Gpu) : PlanStep(Gpu)
{
    /// <summary>Whether the GPU may be reset where the change asks for it.</summary>
    public bool MayReset { get; init; }

    /// <inheritdoc/>
    public override string Text => MayReset
        ? $"switch MIG mode off, with a GPU reset where it asks for one, GPU {Gpu}"
        : $"switch MIG mode off, GPU {Gpu}";

    /// <inheritdoc/>
    public override bool ChangesFunctions => true;
}
