namespace VgpuPS.Host.Seams;

/// <summary>Borrowed handle of a GPU instance; dies when the instance is destroyed or the GPU rebound.</summary>
/// <param name="Value">The library's pointer.</param>
public readonly record struct NvmlGpuInstanceHandle(nint Value);
