using VgpuPS.Core.Pci;

namespace VgpuPS.Core.Mig.Plans;

/// <summary>Lets time-sliced vGPUs of several sizes share a GPU, or not; before any vGPU is on it.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Enabled">Whether they may.</param>
/// <remarks>Source: facts/host-behaviour.md 3 and 5.</remarks>
public sealed record SetMixedSizesStep(PciAddress Gpu, bool Enabled) : PlanStep(Gpu)
{
    /// <inheritdoc/>
    public override string Text => $"switch mixed sizes of vGPUs {(Enabled ? "on" : "off")}, GPU {Gpu}";
}
