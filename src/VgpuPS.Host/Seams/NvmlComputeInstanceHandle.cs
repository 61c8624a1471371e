namespace VgpuPS.Host.Seams;

/// <summary>Borrowed handle of a compute instance; dies when it is destroyed or the GPU rebound.</summary>
/// <param name="Value">The library's pointer.</param>
public readonly record struct NvmlComputeInstanceHandle(nint Value);
