using VgpuPS.Core.Pci;

namespace VgpuPS.Core.Mig.Plans;

/// <summary>Gives an existing, unused GPU instance the compute instance that it lacks.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Instance">The GPU instance.</param>
public sealed record CreateComputeInstanceStep(PciAddress Gpu, GpuInstance Instance) : PlanStep(Gpu)
{
    /// <inheritdoc/>
    public override string Text => $"create the compute instance of GPU instance {Instance.Id}, GPU {Gpu}";
}
