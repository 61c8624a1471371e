using VgpuPS.Core.Mig.Plans;
using VgpuPS.Core.Pci;

namespace VgpuPS.Core.Vgpu.Assignment;

/// <summary>Checks that Proxmox, which chooses the function of a mapping itself, will find one.</summary>
/// <param name="Gpu">The GPU that it is expected to choose.</param>
/// <param name="Function">The function that it is expected to choose.</param>
/// <param name="Type">The type.</param>
/// <param name="Request">The entry it is for.</param>
public sealed record LeaveToProxmoxStep(
    PciAddress Gpu, PciAddress Function, VgpuType Type, GuestVgpuRequest Request) : PlanStep(Gpu)
{
    /// <inheritdoc/>
    public override string Text =>
        $"leave {Type.ShortName} (type {Type.Id}) of {Request.Name} to Proxmox: it will take {Function} of mapping {Request.Mapping}";
}
