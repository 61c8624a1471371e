using VgpuPS.Core.Pci;

namespace VgpuPS.Core.Mig.Plans;

/// <summary>Creates a GPU instance at an explicit placement, with its compute instance where the policy says so.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Profile">Its profile.</param>
/// <param name="Placement">Where it goes, in memory slices.</param>
/// <param name="WithComputeInstance">Whether a compute instance that fills it is created too.</param>
/// <param name="Reason">Why there: the planner's sentence.</param>
public sealed record CreateInstanceStep(
    PciAddress Gpu, GpuInstanceProfile Profile, Placement Placement, bool WithComputeInstance, string Reason)
    : PlanStep(Gpu)
{
    /// <summary>Names of compute instance profiles to create in it, beside or instead of one that fills it.</summary>
    public IReadOnlyList<string> ComputeInstances { get; init; } = [];

    /// <summary>Whether it is made for a VM's start, and so goes once no VM needs it; false: a person or the layout has it made.</summary>
    public bool IsForGuest { get; init; } = true;

    /// <inheritdoc/>
    public override string Text => $"create GPU instance {Profile.Name}{Compute} at {Placement}, GPU {Gpu} ({Reason})";

    private string Compute => WithComputeInstance ? " with its compute instance"
        : ComputeInstances.Count > 0 ? $" with compute instances {string.Join(", ", ComputeInstances)}"
        : "";
}
