namespace VgpuPS.Core.UseCases.ShowHost;

/// <summary>A vGPU type of a GPU.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">Its name without the product prefix.</param>
/// <param name="FramebufferMiB">Frame buffer in MiB.</param>
/// <param name="Profile">Name of the GPU instance profile that it needs; null for a time-sliced type.</param>
/// <param name="IsCreatable">Whether the driver would create one now.</param>
public sealed record VgpuTypeReport(uint Id, string Name, long FramebufferMiB, string? Profile, bool IsCreatable);
