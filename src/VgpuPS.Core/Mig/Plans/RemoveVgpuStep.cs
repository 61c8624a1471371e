using VgpuPS.Core.Pci;
using VgpuPS.Core.Vgpu;

namespace VgpuPS.Core.Mig.Plans;

/// <summary>Removes a vGPU that no VM runs: its mediated device, or the vendor VFIO type of its function.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Function">The function.</param>
/// <param name="Type">Its type; null when it is none of NVIDIA's.</param>
/// <param name="Uuid">Its mediated device; null with vendor VFIO.</param>
/// <param name="Name">Name of its type, for people.</param>
public sealed record RemoveVgpuStep(
    PciAddress Gpu, PciAddress Function, VgpuTypeId? Type, MdevUuid? Uuid, string Name) : PlanStep(Gpu)
{
    /// <inheritdoc/>
    public override string Text => Uuid is { } uuid
        ? $"remove {Name}, mediated device {uuid}, of function {Function}"
        : $"remove {Name} of function {Function}";
}
