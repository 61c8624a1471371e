using VgpuPS.Core.Pci;
using VgpuPS.Core.Vgpu;

namespace VgpuPS.Core.Mig.Plans;

/// <summary>Creates a vGPU on a free function: a mediated device, or the vendor VFIO type, whichever it offers.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Function">The function.</param>
/// <param name="Type">The type.</param>
/// <param name="Uuid">UUID of the mediated device; null with vendor VFIO.</param>
public sealed record CreateVgpuStep(PciAddress Gpu, PciAddress Function, VgpuType Type, MdevUuid? Uuid) : PlanStep(Gpu)
{
    /// <inheritdoc/>
    public override string Text => Uuid is { } uuid
        ? $"create {Type.ShortName} (type {Type.Id}) as mediated device {uuid} on function {Function}"
        : $"create {Type.ShortName} (type {Type.Id}) on function {Function}";
}
