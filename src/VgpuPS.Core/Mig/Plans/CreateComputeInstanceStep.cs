using VgpuPS.Core.Pci;

namespace VgpuPS.Core.Mig.Plans;

/// <summary>Creates a compute instance in a GPU instance that no running VM uses.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Instance">The GPU instance.</param>
public sealed record CreateComputeInstanceStep(PciAddress Gpu, GpuInstance Instance) : PlanStep(Gpu)
{
    /// <summary>Name of its profile; null for the one that fills the GPU instance.</summary>
    public string? Profile { get; init; }

    /// <summary>Whether it is made for a VM's start, and so goes once no VM needs it; false: a person or the layout has it made.</summary>
    public bool IsForGuest { get; init; } = true;

    /// <inheritdoc/>
    public override string Text => Profile is null
        ? $"create the compute instance of GPU instance {Instance.Id}, GPU {Gpu}"
        : $"create compute instance {Profile} in GPU instance {Instance.Id}, GPU {Gpu}";
}
