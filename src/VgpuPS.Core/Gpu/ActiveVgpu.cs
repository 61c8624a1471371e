namespace VgpuPS.Core.Gpu;

/// <summary>A vGPU of a running VM, as the driver reports it.</summary>
/// <param name="Handle">The driver's number of it.</param>
/// <param name="Type">Its type.</param>
/// <param name="VmUuid">The UUID on the VM's QEMU command line; empty when unknown.</param>
/// <param name="MdevUuid">The mediated device it belongs to; null with vendor VFIO.</param>
/// <param name="GpuInstance">The GPU instance it runs on; null when time-sliced.</param>
/// <remarks>Source: nvml.h, nvmlVgpuInstanceGet*; facts/nvml.md 3.7.</remarks>
public sealed record ActiveVgpu(
    uint Handle, VgpuTypeId Type, string VmUuid, MdevUuid? MdevUuid, GpuInstanceId? GpuInstance)
{
    /// <summary>
    /// The VM, by its mediated device or by the UUID that Proxmox gives QEMU by default; null where the VM has a UUID
    /// of its own, which its configuration reports.
    /// </summary>
    public VmId? Vm =>
        MdevUuid?.Guest?.Vm ?? (VgpuPS.Core.Gpu.MdevUuid.TryParse(VmUuid, out var uuid) ? uuid.Guest?.Vm : null);

    /// <summary>The VM, one with a UUID of its own included; null where no VM has it.</summary>
    /// <param name="vmsByUuid">VMs by the UUID that their configuration names.</param>
    public VmId? FindVm(IReadOnlyDictionary<string, VmId> vmsByUuid) =>
        Vm ?? (vmsByUuid.TryGetValue(VmUuid, out var vm) ? vm : null);
}

/// <summary>What the guest makes of a running vGPU; each member is null where the driver does not report it.</summary>
/// <param name="DriverVersion">Version of the guest's driver; null until it is up.</param>
/// <param name="License">Its licence; null until the guest's driver is up.</param>
/// <param name="FramebufferUsedMiB">Frame buffer in use, in MiB.</param>
/// <remarks>Source: facts/nvml.md 5: <c>Not Available</c> and DRIVER_NOT_LOADED until the guest's driver is
/// up.</remarks>
public sealed record VgpuGuestState(string? DriverVersion, VgpuLicense? License, long? FramebufferUsedMiB);

/// <summary>Licence of a running vGPU as the host sees it.</summary>
/// <param name="State">How it stands.</param>
/// <param name="Expiry">When it ends, in UTC; null where it does not, or where the driver does not report it.</param>
/// <param name="IsPermanent">Whether the driver says that it never ends.</param>
/// <remarks>Source: nvml.h, nvmlVgpuLicenseInfo_t; facts/host-behaviour.md 9.</remarks>
public sealed record VgpuLicense(VgpuLicenseState State, DateTimeOffset? Expiry, bool IsPermanent)
{
    /// <summary>How it stands, in the words of nvidia-smi: <c>Licensed (Permanent)</c>.</summary>
    /// <remarks>Source: facts/host-behaviour.md 9.</remarks>
    public string Status => State switch
    {
        VgpuLicenseState.Licensed => IsPermanent ? "Licensed (Permanent)" : "Licensed",
        VgpuLicenseState.UnlicensedUnrestricted => "Unlicensed (Unrestricted)",
        VgpuLicenseState.UnlicensedRestricted => "Unlicensed (Restricted)",
        VgpuLicenseState.Unlicensed => "Unlicensed",
        VgpuLicenseState.Uninitialized => "Uninitialized",
        _ => "Unknown",
    };
}

/// <summary>How the licence of a running vGPU stands.</summary>
/// <remarks>Source: facts/nvml.md 2, currentState of nvmlVgpuLicenseInfo_t; the numbers are NVML's.</remarks>
public enum VgpuLicenseState
{
    /// <summary>Unknown.</summary>
    Unknown = 0,

    /// <summary>The guest's driver has not asked yet.</summary>
    Uninitialized = 1,

    /// <summary>None, within the time in which the vGPU runs at full speed.</summary>
    UnlicensedUnrestricted = 2,

    /// <summary>None, and the vGPU is slowed down.</summary>
    UnlicensedRestricted = 3,

    /// <summary>None.</summary>
    Unlicensed = 4,

    /// <summary>Licensed.</summary>
    Licensed = 5,
}
