namespace VgpuPS.Host.Seams;

public partial interface INvmlApi
{
    /// <summary>nvmlDeviceGetUtilizationRates; NotSupported with MIG mode on.</summary>
    NvmlStatus DeviceGetUtilizationRates(NvmlDevice device, out NvmlUtilization utilization);

    /// <summary>nvmlDeviceGetEncoderUtilization, percent.</summary>
    NvmlStatus DeviceGetEncoderUtilization(NvmlDevice device, out uint percent);

    /// <summary>nvmlDeviceGetDecoderUtilization, percent.</summary>
    NvmlStatus DeviceGetDecoderUtilization(NvmlDevice device, out uint percent);

    /// <summary>nvmlDeviceGetPowerUsage, milliwatts.</summary>
    NvmlStatus DeviceGetPowerUsage(NvmlDevice device, out uint milliwatts);

    /// <summary>nvmlDeviceGetEnforcedPowerLimit, milliwatts.</summary>
    NvmlStatus DeviceGetEnforcedPowerLimit(NvmlDevice device, out uint milliwatts);

    /// <summary>nvmlDeviceGetTotalEnergyConsumption, millijoules since the driver was loaded.</summary>
    NvmlStatus DeviceGetTotalEnergyConsumption(NvmlDevice device, out ulong millijoules);

    /// <summary>nvmlDeviceGetTemperatureV (since R570), else nvmlDeviceGetTemperature; sensor 0, degrees
    /// Celsius.</summary>
    NvmlStatus DeviceGetTemperature(NvmlDevice device, out uint celsius);

    /// <summary>nvmlDeviceGetClockInfo, MHz.</summary>
    /// <param name="device">The GPU.</param>
    /// <param name="clock">0 graphics, 1 SM, 2 memory, 3 video.</param>
    /// <param name="megahertz">The clock.</param>
    NvmlStatus DeviceGetClockInfo(NvmlDevice device, uint clock, out uint megahertz);

    /// <summary>nvmlDeviceGetPerformanceState: 0 to 15, 32 unknown.</summary>
    NvmlStatus DeviceGetPerformanceState(NvmlDevice device, out uint state);

    /// <summary>nvmlDeviceGetCurrentClocksEventReasons (since R535), else
    /// nvmlDeviceGetCurrentClocksThrottleReasons: a bit a reason.</summary>
    NvmlStatus DeviceGetClocksEventReasons(NvmlDevice device, out ulong reasons);

    /// <summary>nvmlDeviceGetPcieReplayCounter.</summary>
    NvmlStatus DeviceGetPcieReplayCounter(NvmlDevice device, out uint count);

    /// <summary>nvmlDeviceGetTotalEccErrors.</summary>
    /// <param name="device">The GPU.</param>
    /// <param name="errorType">0 corrected, 1 uncorrected.</param>
    /// <param name="counterType">0 since the driver was loaded, 1 over the GPU's life.</param>
    /// <param name="count">Errors.</param>
    NvmlStatus DeviceGetTotalEccErrors(NvmlDevice device, uint errorType, uint counterType, out ulong count);

    /// <summary>nvmlDeviceGetFieldValues: one value a field, in their order, each with a status of its own.</summary>
    NvmlStatus DeviceGetFieldValues(
        NvmlDevice device, IReadOnlyList<uint> fields, out IReadOnlyList<NvmlFieldValue> values);

    /// <summary>
    /// nvmlDeviceGetVgpuInstancesUtilizationInfo (since R550), else nvmlDeviceGetVgpuUtilization: the last ten seconds,
    /// one entry a vGPU. NotFound means that nothing was measured.
    /// </summary>
    NvmlStatus DeviceGetVgpuUtilization(NvmlDevice device, out IReadOnlyList<NvmlVgpuUtilization> samples);

    /// <summary>nvmlVgpuInstanceGetEncoderStats, averages of the last second.</summary>
    NvmlStatus VgpuInstanceGetEncoderStats(uint vgpuInstance, out NvmlSessionStats stats);

    /// <summary>nvmlVgpuInstanceGetFBCStats, averages of the last second.</summary>
    NvmlStatus VgpuInstanceGetCaptureStats(uint vgpuInstance, out NvmlSessionStats stats);

    /// <summary>nvmlDeviceGetVgpuSchedulerLog of the graphics engine, oldest entry first (assumed).</summary>
    NvmlStatus DeviceGetVgpuSchedulerLog(NvmlDevice device, out IReadOnlyList<NvmlSchedulerLogEntry> entries);

    /// <summary>nvmlGpmQueryDeviceSupport: 0 no, else yes.</summary>
    NvmlStatus GpmQueryDeviceSupport(NvmlDevice device, out uint isSupported);

    /// <summary>nvmlGpmSampleAlloc.</summary>
    NvmlStatus GpmSampleAlloc(out NvmlGpmSample sample);

    /// <summary>nvmlGpmSampleFree.</summary>
    NvmlStatus GpmSampleFree(NvmlGpmSample sample);

    /// <summary>nvmlGpmSampleGet, of the whole GPU.</summary>
    NvmlStatus GpmSampleGet(NvmlDevice device, NvmlGpmSample sample);

    /// <summary>nvmlGpmMigSampleGet, of a GPU instance.</summary>
    NvmlStatus GpmMigSampleGet(NvmlDevice device, uint gpuInstanceId, NvmlGpmSample sample);

    /// <summary>nvmlGpmMetricsGet: what was used between two samples, each with a status of its own.</summary>
    NvmlStatus GpmMetricsGet(
        NvmlGpmSample first, NvmlGpmSample second, IReadOnlyList<uint> metrics,
        out IReadOnlyList<NvmlGpmValue> values);
}

/// <summary>Share of time in which a GPU worked.</summary>
/// <param name="Gpu">Percent of time in which something ran.</param>
/// <param name="Memory">Percent of time in which memory was read or written.</param>
/// <remarks>Source: nvml.h, nvmlUtilization_t.</remarks>
public readonly record struct NvmlUtilization(uint Gpu, uint Memory);

/// <summary>A field of a GPU.</summary>
/// <param name="Field">Its number.</param>
/// <param name="Status">Whether it was filled.</param>
/// <param name="Value">Its value, as its type says; null where the driver says that it has none.</param>
/// <remarks>Source: nvml.h, nvmlFieldValue_t; facts/metrics.md A22 and A28.</remarks>
public readonly record struct NvmlFieldValue(uint Field, NvmlStatus Status, double? Value);

/// <summary>What a vGPU used, in whole percents of the physical GPU.</summary>
/// <param name="VgpuInstance">The vGPU.</param>
/// <param name="Sm">Compute and graphics.</param>
/// <param name="Memory">Memory bandwidth.</param>
/// <param name="Encoder">Video encoding.</param>
/// <param name="Decoder">Video decoding.</param>
/// <param name="Jpeg">JPEG decoding; null from drivers before R550.</param>
/// <param name="OpticalFlow">Optical flow; null from drivers before R550.</param>
/// <remarks>Source: nvml.h, nvmlVgpuInstanceUtilizationInfo_v1_t, nvmlVgpuInstanceUtilizationSample_t;
/// facts/metrics.md A9 to A13.</remarks>
public readonly record struct NvmlVgpuUtilization(
    uint VgpuInstance, uint Sm, uint Memory, uint Encoder, uint Decoder, uint? Jpeg, uint? OpticalFlow);

/// <summary>Sessions of a vGPU.</summary>
/// <param name="Sessions">How many.</param>
/// <param name="AverageFps">Frames a second.</param>
/// <param name="AverageLatencyUs">Time that a frame takes, microseconds.</param>
/// <remarks>Source: nvml.h, nvmlVgpuInstanceGetEncoderStats, nvmlFBCStats_t; facts/metrics.md A16.</remarks>
public readonly record struct NvmlSessionStats(uint Sessions, uint AverageFps, uint AverageLatencyUs);

/// <summary>A line of the scheduler's log.</summary>
/// <param name="TimestampNs">When it was pre-empted, nanoseconds since 1970.</param>
/// <param name="RunTotalNs">GPU time that the runlist was given since its VM started, nanoseconds.</param>
/// <param name="Runlist">The software runlist.</param>
/// <remarks>Source: nvml.h, nvmlVgpuSchedulerLogEntry_t; facts/metrics.md G2 to G4.</remarks>
public readonly record struct NvmlSchedulerLogEntry(ulong TimestampNs, ulong RunTotalNs, uint Runlist);

/// <summary>A sample of performance counters; its owner frees it.</summary>
/// <param name="Value">The library's pointer.</param>
public readonly record struct NvmlGpmSample(nint Value);

/// <summary>A performance figure between two samples.</summary>
/// <param name="Metric">Its number.</param>
/// <param name="Status">Whether it was computed.</param>
/// <param name="Value">Its value, percent for those below 20.</param>
/// <remarks>Source: nvml.h, nvmlGpmMetric_t; facts/metrics.md A32.</remarks>
public readonly record struct NvmlGpmValue(uint Metric, NvmlStatus Status, double Value);
