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
    /// The VM, by its mediated device or by the UUID that Proxmox gives QEMU by default; null where the VM has a UUID of its
    /// own, which its configuration reports.
    /// </summary>
    public VmId? Vm =>
        MdevUuid?.Guest?.Vm ?? (VgpuPS.Core.Gpu.MdevUuid.TryParse(VmUuid, out var uuid) ? uuid.Guest?.Vm : null);
}
