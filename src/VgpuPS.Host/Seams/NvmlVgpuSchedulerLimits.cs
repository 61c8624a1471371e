namespace VgpuPS.Host.Seams;

/// <summary>Limits of a GPU's vGPU scheduler.</summary>
/// <param name="Policies">Supported policies.</param>
/// <param name="MinTimesliceNs">Shortest time slice in nanoseconds.</param>
/// <param name="MaxTimesliceNs">Longest time slice in nanoseconds.</param>
/// <param name="ArrSupported">Whether adaptive round robin can be switched.</param>
/// <param name="MinFrequencyHz">Lowest frequency in Hz.</param>
/// <param name="MaxFrequencyHz">Highest frequency in Hz.</param>
/// <param name="MinAverageFactor">Lowest averaging factor.</param>
/// <param name="MaxAverageFactor">Highest averaging factor.</param>
/// <remarks>Source: nvml.h, nvmlVgpuSchedulerCapabilities_t.</remarks>
public sealed record NvmlVgpuSchedulerLimits(
    IReadOnlyList<uint> Policies, uint MinTimesliceNs, uint MaxTimesliceNs, bool ArrSupported,
    uint MinFrequencyHz, uint MaxFrequencyHz, uint MinAverageFactor, uint MaxAverageFactor);
