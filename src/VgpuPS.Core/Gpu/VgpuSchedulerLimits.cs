using VgpuPS.Core.Layout;

namespace VgpuPS.Core.Gpu;

/// <summary>What a GPU's vGPU scheduler can be set to.</summary>
/// <param name="Policies">Policies that the driver offers.</param>
/// <param name="MinTimesliceNanoseconds">Shortest slice.</param>
/// <param name="MaxTimesliceNanoseconds">Longest slice.</param>
/// <remarks>Source: nvml.h, nvmlVgpuSchedulerCapabilities_t.</remarks>
public sealed record VgpuSchedulerLimits(
    IReadOnlyList<SchedulerPolicy> Policies, long MinTimesliceNanoseconds, long MaxTimesliceNanoseconds);
