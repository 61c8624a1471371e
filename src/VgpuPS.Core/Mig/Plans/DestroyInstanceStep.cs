using VgpuPS.Core.Pci;

namespace VgpuPS.Core.Mig.Plans;

/// <summary>Destroys a GPU instance that nothing uses, its compute instances first.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Instance">The GPU instance.</param>
/// <param name="Profile">Name of its profile.</param>
public sealed record DestroyInstanceStep(PciAddress Gpu, GpuInstance Instance, string Profile) : PlanStep(Gpu)
{
    /// <inheritdoc/>
    public override string Text => Instance.ComputeInstances.Count == 0
        ? $"destroy GPU instance {Instance.Id} ({Profile} at {Instance.Placement}), GPU {Gpu}"
        : $"destroy GPU instance {Instance.Id} ({Profile} at {Instance.Placement}) with its compute instances, GPU {Gpu}";
}
