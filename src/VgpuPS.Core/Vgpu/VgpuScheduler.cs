using VgpuPS.Core.Contracts;

namespace VgpuPS.Core.Vgpu;

/// <summary>Scheduler of a GPU's time-sliced vGPUs as it is now.</summary>
/// <param name="Policy">Its policy; null when the driver names none that is known.</param>
/// <param name="TimesliceNanoseconds">Length of a slice; means nothing under best effort.</param>
/// <param name="IsAdaptive">Whether adaptive round robin is on; null for the driver's own choice.</param>
/// <remarks>Source: nvml.h, nvmlVgpuSchedulerGetState_t; facts/nvml.md 5.</remarks>
public sealed record VgpuScheduler(SchedulerPolicy? Policy, long TimesliceNanoseconds, bool? IsAdaptive);
