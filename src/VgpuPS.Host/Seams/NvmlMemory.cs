namespace VgpuPS.Host.Seams;

/// <summary>Memory of a GPU in bytes.</summary>
/// <param name="Total">All of it.</param>
/// <param name="Free">Not allocated.</param>
/// <param name="Used">Allocated.</param>
/// <remarks>Source: nvml.h, nvmlMemory_t.</remarks>
public readonly record struct NvmlMemory(ulong Total, ulong Free, ulong Used);
