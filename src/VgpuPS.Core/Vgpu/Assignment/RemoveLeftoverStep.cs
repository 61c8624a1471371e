using VgpuPS.Core.Mig.Plans;
using VgpuPS.Core.Pci;

namespace VgpuPS.Core.Vgpu.Assignment;

/// <summary>Removes what an earlier run left of this VM and this start does not want.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Function">The function.</param>
/// <param name="Uuid">The mediated device; null where a vendor VFIO type is to be cleared.</param>
public sealed record RemoveLeftoverStep(PciAddress Gpu, PciAddress Function, MdevUuid? Uuid) : PlanStep(Gpu)
{
    /// <inheritdoc/>
    public override string Text => Uuid is { } uuid
        ? $"remove the left-over mediated device {uuid} of function {Function}"
        : $"clear the left-over vGPU type of function {Function}";
}
