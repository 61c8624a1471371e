namespace VgpuPS.Host.Seams;

/// <summary>Borrowed handle of a GPU; dies when the driver rebinds the GPU.</summary>
/// <param name="Value">The library's pointer.</param>
public readonly record struct NvmlDevice(nint Value);
