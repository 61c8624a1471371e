namespace VgpuPS.Core.Gpu;

/// <summary>A size in which a GPU instance can be cut.</summary>
/// <param name="Id">What NVML creates it with.</param>
/// <param name="Name">As users write it: <c>1c.2g.12gb</c>, or the GPU instance's name where it fills it.</param>
/// <param name="ComputeSlices">Compute slices.</param>
/// <param name="Multiprocessors">SMs.</param>
/// <remarks>Source: nvml.h, nvmlComputeInstanceProfileInfo_v2_t.</remarks>
public sealed record ComputeInstanceProfile(
    ComputeProfileId Id, string Name, int ComputeSlices, int Multiprocessors);
