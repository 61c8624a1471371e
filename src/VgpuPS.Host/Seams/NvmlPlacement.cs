namespace VgpuPS.Host.Seams;

/// <summary>Start and size in slices, of a GPU instance or a compute instance.</summary>
/// <param name="Start">First slice.</param>
/// <param name="Size">Number of slices.</param>
public readonly record struct NvmlPlacement(uint Start, uint Size);
