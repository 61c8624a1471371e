namespace VgpuPS.Host.Operations.Inventory;

/// <summary>A vGPU type of a GPU.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">Its name without the product prefix.</param>
/// <param name="FramebufferMiB">Frame buffer in MiB.</param>
/// <param name="Profile">Name of the GPU instance profile that it needs; null for a time-sliced type.</param>
/// <param name="IsCreatable">Whether the driver would create one now.</param>
/// <param name="Class">The driver's class text, such as <c>Compute</c>; empty when unknown.</param>
/// <param name="MaxPerGpu">How many fit on an empty GPU (equal sizes); 0 when unknown.</param>
/// <param name="MaxPerGpuInstance">How many fit on one GPU instance; null for a time-sliced type, or when
/// unknown.</param>
/// <param name="MaxPerVm">How many one VM may have; 0 when unknown.</param>
/// <param name="IsExclusiveInVm">Whether a VM that has one may have no vGPU of another type.</param>
/// <param name="License">Licences that it runs with, as the driver names them; empty when unknown.</param>
public sealed record VgpuTypeReport(
    uint Id, string Name, long FramebufferMiB, string? Profile, bool IsCreatable, string Class, int MaxPerGpu,
    int? MaxPerGpuInstance, int MaxPerVm, bool IsExclusiveInVm, string License);
