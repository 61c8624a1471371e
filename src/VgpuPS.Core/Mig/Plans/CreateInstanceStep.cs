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
    /// <inheritdoc/>
    public override string Text => WithComputeInstance
        ? $"create GPU instance {Profile.Name} with its compute instance at {Placement}, GPU {Gpu} ({Reason})"
        : $"create GPU instance {Profile.Name} at {Placement}, GPU {Gpu} ({Reason})";
}
