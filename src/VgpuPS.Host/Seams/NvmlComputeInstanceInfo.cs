namespace VgpuPS.Host.Seams;

/// <summary>A compute instance.</summary>
/// <param name="Id">Its id within the GPU instance.</param>
/// <param name="ProfileId">Its profile.</param>
/// <param name="Placement">Where it sits, in compute slices.</param>
/// <remarks>Source: nvml.h, nvmlComputeInstanceInfo_t.</remarks>
public readonly record struct NvmlComputeInstanceInfo(uint Id, uint ProfileId, NvmlPlacement Placement);
