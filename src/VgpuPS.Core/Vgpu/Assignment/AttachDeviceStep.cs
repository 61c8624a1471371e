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
    /// <summary>
    /// Vendor VFIO: functions of the GPU that do as well, in the order in which Proxmox tries them, for the case that another
    /// VM takes the first one meanwhile, or the driver refuses it.
    /// </summary>
    public IReadOnlyList<PciAddress> Alternatives { get; init; } = [];

    /// <summary>
    /// Whether the function is reserved and its type left to Proxmox, which walks over it for a lower entry of the VM and
    /// would take a type off it.
    /// </summary>
    /// <remarks>Source: facts/proxmox-reservations.md S5.</remarks>
    public bool IsReservedOnly { get; init; }

    /// <inheritdoc/>
    public override string Text => IsThere
        ? $"use {Type.ShortName} (type {Type.Id}) that is on function {Function} for {Request.Name}"
        : IsReservedOnly
        ? $"reserve function {Function} for {Type.ShortName} (type {Type.Id}) of {Request.Name}, and leave the type to Proxmox"
        : $"create {Type.ShortName} (type {Type.Id}) on function {Function} for {Request.Name}";
}
