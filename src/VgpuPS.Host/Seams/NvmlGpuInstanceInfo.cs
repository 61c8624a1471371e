namespace VgpuPS.Host.Seams;

/// <summary>A GPU instance.</summary>
/// <param name="Id">Its id on the GPU.</param>
/// <param name="ProfileId">Its profile.</param>
/// <param name="Placement">Where it sits, in memory slices.</param>
/// <remarks>Source: nvml.h, nvmlGpuInstanceInfo_t.</remarks>
public readonly record struct NvmlGpuInstanceInfo(uint Id, uint ProfileId, NvmlPlacement Placement);
