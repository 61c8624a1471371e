using VgpuPS.Core.Pci;

namespace VgpuPS.Core.Mig.Plans;

/// <summary>Destroys a compute instance that nothing uses.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Instance">The GPU instance that it is in.</param>
/// <param name="Compute">The compute instance.</param>
/// <param name="Profile">Name of its profile.</param>
public sealed record DestroyComputeInstanceStep(
    PciAddress Gpu, GpuInstance Instance, ComputeInstance Compute, string Profile) : PlanStep(Gpu)
{
    /// <inheritdoc/>
    public override string Text =>
        $"destroy compute instance {Compute.Id} ({Profile}) of GPU instance {Instance.Id}, GPU {Gpu}";
}
