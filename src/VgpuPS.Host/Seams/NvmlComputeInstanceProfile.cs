namespace VgpuPS.Host.Seams;

/// <summary>A compute instance profile.</summary>
/// <param name="Id">What instances are created with.</param>
/// <param name="Name">The driver's name; empty from drivers that only have the first struct.</param>
/// <param name="SliceCount">Compute slices.</param>
/// <param name="InstanceCount">How many fit into an empty GPU instance.</param>
/// <param name="MultiprocessorCount">SMs.</param>
/// <remarks>Source: nvml.h, nvmlComputeInstanceProfileInfo_t, _v2_t.</remarks>
public readonly record struct NvmlComputeInstanceProfile(
    uint Id, string Name, uint SliceCount, uint InstanceCount, uint MultiprocessorCount);
