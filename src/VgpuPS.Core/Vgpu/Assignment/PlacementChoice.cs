using VgpuPS.Core.Mig;
using VgpuPS.Core.Pci;

namespace VgpuPS.Core.Vgpu.Assignment;

/// <summary>A place that the planner would give to a GPU instance.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Profile">The profile.</param>
/// <param name="Placement">Where on the GPU.</param>
/// <param name="Reason">Its cost and the runner-up, as a sentence.</param>
public sealed record PlacementChoice(PciAddress Gpu, GpuInstanceProfile Profile, Placement Placement, string Reason);
