using VgpuPS.Core.Mig.Plans;
using VgpuPS.Core.Pci;

namespace VgpuPS.Core.Vgpu.Assignment;

/// <summary>
/// Makes the VM's device on a function: the mediated device with Proxmox's UUID, or the vendor VFIO type under Proxmox's
/// reservation, whichever the function offers.
/// </summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Function">The function.</param>
/// <param name="Type">The type.</param>
/// <param name="Request">The entry it is for.</param>
/// <param name="IsThere">Whether the device is already right and only the reservation may be missing.</param>
public sealed record AttachDeviceStep(
    PciAddress Gpu, PciAddress Function, VgpuType Type, GuestVgpuRequest Request, bool IsThere) : PlanStep(Gpu)
{
    /// <inheritdoc/>
    public override string Text => IsThere
        ? $"use {Type.ShortName} (type {Type.Id}) that is on function {Function} for {Request.Name}"
        : $"create {Type.ShortName} (type {Type.Id}) on function {Function} for {Request.Name}";
}
