namespace VgpuPS.Host.Operations.Inventory;

/// <summary>A vGPU, running or only prepared.</summary>
/// <param name="VmId">The VM that it belongs to; null when that is unknown.</param>
/// <param name="Type">Number of its type.</param>
/// <param name="TypeName">Name of its type without the product prefix, such as <c>A30-2-12C</c>.</param>
/// <param name="FramebufferMiB">Its frame buffer in MiB; 0 when the driver does not know the type.</param>
/// <param name="Function">The function that it is on.</param>
/// <param name="Uuid">UUID of its mediated device; null with vendor VFIO.</param>
/// <param name="GpuInstanceId">The GPU instance that it runs on; null when time-sliced, or not running.</param>
/// <param name="IsRunning">Whether the driver has it active: its VM runs.</param>
/// <param name="Guest">What the driver sees of its guest; null where it does not run.</param>
public sealed record VgpuReport(
    int? VmId, uint Type, string TypeName, long FramebufferMiB, string Function, string? Uuid, uint? GpuInstanceId,
    bool IsRunning, VgpuGuestReport? Guest);
