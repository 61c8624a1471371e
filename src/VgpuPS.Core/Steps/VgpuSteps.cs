namespace VgpuPS.Core.Steps;

/// <summary>Creates a vGPU on a free function: a mediated device, or the vendor VFIO type, whichever it
/// offers.</summary>
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

/// <summary>Removes a vGPU that no VM runs: its mediated device, or the vendor VFIO type of its function.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Function">The function.</param>
/// <param name="Type">Its type; null when it is none of NVIDIA's.</param>
/// <param name="Uuid">Its mediated device; null with vendor VFIO.</param>
/// <param name="Name">Name of its type, for display.</param>
public sealed record RemoveVgpuStep(
    PciAddress Gpu, PciAddress Function, VgpuTypeId? Type, MdevUuid? Uuid, string Name) : PlanStep(Gpu)
{
    /// <inheritdoc/>
    public override string Text => Uuid is { } uuid
        ? $"remove {Name}, mediated device {uuid}, of function {Function}"
        : $"remove {Name} of function {Function}";
}

/// <summary>
/// Makes the VM's device on a function: the mediated device with Proxmox's UUID, or the vendor VFIO type under
/// Proxmox's reservation, whichever the function offers.
/// </summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Function">The function.</param>
/// <param name="Type">The type.</param>
/// <param name="Request">The entry it is for.</param>
/// <param name="IsThere">Whether the device is already right and only the reservation may be missing.</param>
public sealed record AttachDeviceStep(
    PciAddress Gpu, PciAddress Function, VgpuType Type, VmVgpuRequest Request, bool IsThere) : PlanStep(Gpu)
{
    /// <summary>
    /// Vendor VFIO: functions of the GPU that do as well, in the order in which Proxmox tries them, for the case that
    /// another VM takes the first one meanwhile, or the driver refuses it.
    /// </summary>
    public IReadOnlyList<PciAddress> Alternatives { get; init; } = [];

    /// <summary>
    /// Whether the function is reserved and its type left to Proxmox, which walks over it for a lower entry of the VM
    /// and would take a type off it.
    /// </summary>
    /// <remarks>Source: facts/proxmox-reservations.md S5.</remarks>
    public bool IsReservedOnly { get; init; }

    /// <inheritdoc/>
    public override string Text => IsThere
        ? $"use {Type.ShortName} (type {Type.Id}) that is on function {Function} for {Request.Name}"
        : IsReservedOnly
        ? $"reserve function {Function} for {Type.ShortName} (type {Type.Id}) of {Request.Name}, "
            + "and let Proxmox set the type"
        : $"create {Type.ShortName} (type {Type.Id}) on function {Function} for {Request.Name}";
}

/// <summary>Removes what an earlier run left of this VM and this start does not want.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Function">The function.</param>
/// <param name="Uuid">The mediated device; null where a vendor VFIO type is to be cleared.</param>
public sealed record RemoveOrphanStep(PciAddress Gpu, PciAddress Function, MdevUuid? Uuid) : PlanStep(Gpu)
{
    /// <inheritdoc/>
    public override string Text => Uuid is { } uuid
        ? $"remove the orphaned mediated device {uuid} of function {Function}"
        : $"clear the orphaned vGPU type of function {Function}";
}

/// <summary>Sets the plugin parameters of a VM's vGPU, which is there by then, or clears them.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Request">The entry it is for.</param>
/// <param name="Before">What is set now, where the vGPU is there already; empty for none.</param>
/// <remarks>
/// Source: facts/host-behaviour.md 1.6: they take effect when the VM starts. That the type must come first is assumed.
/// </remarks>
public sealed record SetParametersStep(PciAddress Gpu, VmVgpuRequest Request, string Before) : PlanStep(Gpu)
{
    /// <summary>The function whose type Proxmox sets itself, so that they cannot be there before it; null for
    /// none.</summary>
    public PciAddress? SetByProxmox { get; init; }

    /// <inheritdoc/>
    public override string Text => SetByProxmox is { } function
        ? $"set plugin parameters {Request.Parameters} for {Request.Name} after the start: Proxmox sets the type of "
            + $"function {function} itself, and this run has none of them"
        : Request.Parameters.Length == 0
        ? $"clear plugin parameters {Before} of {Request.Name}, which are no longer configured"
        : $"set plugin parameters {Request.Parameters} for {Request.Name}";
}
