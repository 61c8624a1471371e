using VgpuPS.Core.Pci;

namespace VgpuPS.Core.Vgpu.Assignment;

/// <summary>A function that a VM may use.</summary>
/// <param name="Address">Its address; it need not exist yet.</param>
/// <param name="Gpu">The GPU that it belongs to, or will once functions are enabled.</param>
public sealed record CandidateFunction(PciAddress Address, PciAddress Gpu);
