using VgpuPS.Host.Seams;

namespace VgpuPS.Benchmarks.Hook;

internal sealed partial class MeteredNvml
{
    public NvmlStatus DeviceGetUtilizationRates(NvmlDevice device, out NvmlUtilization utilization)
    {
        using var call = meter.Enter(nameof(DeviceGetUtilizationRates));
        return inner.DeviceGetUtilizationRates(device, out utilization);
    }

    public NvmlStatus DeviceGetEncoderUtilization(NvmlDevice device, out uint percent)
    {
        using var call = meter.Enter(nameof(DeviceGetEncoderUtilization));
        return inner.DeviceGetEncoderUtilization(device, out percent);
    }

    public NvmlStatus DeviceGetDecoderUtilization(NvmlDevice device, out uint percent)
    {
        using var call = meter.Enter(nameof(DeviceGetDecoderUtilization));
        return inner.DeviceGetDecoderUtilization(device, out percent);
    }

    public NvmlStatus DeviceGetPowerUsage(NvmlDevice device, out uint milliwatts)
    {
        using var call = meter.Enter(nameof(DeviceGetPowerUsage));
        return inner.DeviceGetPowerUsage(device, out milliwatts);
    }

    public NvmlStatus DeviceGetEnforcedPowerLimit(NvmlDevice device, out uint milliwatts)
    {
        using var call = meter.Enter(nameof(DeviceGetEnforcedPowerLimit));
        return inner.DeviceGetEnforcedPowerLimit(device, out milliwatts);
    }

    public NvmlStatus DeviceGetTotalEnergyConsumption(NvmlDevice device, out ulong millijoules)
    {
        using var call = meter.Enter(nameof(DeviceGetTotalEnergyConsumption));
        return inner.DeviceGetTotalEnergyConsumption(device, out millijoules);
    }

    public NvmlStatus DeviceGetTemperature(NvmlDevice device, out uint celsius)
    {
        using var call = meter.Enter(nameof(DeviceGetTemperature));
        return inner.DeviceGetTemperature(device, out celsius);
    }

    public NvmlStatus DeviceGetClockInfo(NvmlDevice device, uint clock, out uint megahertz)
    {
        using var call = meter.Enter(nameof(DeviceGetClockInfo));
        return inner.DeviceGetClockInfo(device, clock, out megahertz);
    }

    public NvmlStatus DeviceGetPerformanceState(NvmlDevice device, out uint state)
    {
        using var call = meter.Enter(nameof(DeviceGetPerformanceState));
        return inner.DeviceGetPerformanceState(device, out state);
    }

    public NvmlStatus DeviceGetClocksEventReasons(NvmlDevice device, out ulong reasons)
    {
        using var call = meter.Enter(nameof(DeviceGetClocksEventReasons));
        return inner.DeviceGetClocksEventReasons(device, out reasons);
    }

    public NvmlStatus DeviceGetPcieReplayCounter(NvmlDevice device, out uint count)
    {
        using var call = meter.Enter(nameof(DeviceGetPcieReplayCounter));
        return inner.DeviceGetPcieReplayCounter(device, out count);
    }

    public NvmlStatus DeviceGetTotalEccErrors(NvmlDevice device, uint errorType, uint counterType, out ulong count)
    {
        using var call = meter.Enter(nameof(DeviceGetTotalEccErrors));
        return inner.DeviceGetTotalEccErrors(device, errorType, counterType, out count);
    }

    public NvmlStatus DeviceGetFieldValues(
        NvmlDevice device, IReadOnlyList<uint> fields, out IReadOnlyList<NvmlFieldValue> values)
    {
        using var call = meter.Enter(nameof(DeviceGetFieldValues));
        return inner.DeviceGetFieldValues(device, fields, out values);
    }

    public NvmlStatus DeviceGetVgpuUtilization(NvmlDevice device, out IReadOnlyList<NvmlVgpuUtilization> samples)
    {
        using var call = meter.Enter(nameof(DeviceGetVgpuUtilization));
        return inner.DeviceGetVgpuUtilization(device, out samples);
    }

    public NvmlStatus VgpuInstanceGetEncoderStats(uint vgpuInstance, out NvmlSessionStats stats)
    {
        using var call = meter.Enter(nameof(VgpuInstanceGetEncoderStats));
        return inner.VgpuInstanceGetEncoderStats(vgpuInstance, out stats);
    }

    public NvmlStatus VgpuInstanceGetCaptureStats(uint vgpuInstance, out NvmlSessionStats stats)
    {
        using var call = meter.Enter(nameof(VgpuInstanceGetCaptureStats));
        return inner.VgpuInstanceGetCaptureStats(vgpuInstance, out stats);
    }

    public NvmlStatus DeviceGetVgpuSchedulerLog(NvmlDevice device, out IReadOnlyList<NvmlSchedulerLogEntry> entries)
    {
        using var call = meter.Enter(nameof(DeviceGetVgpuSchedulerLog));
        return inner.DeviceGetVgpuSchedulerLog(device, out entries);
    }

    public NvmlStatus GpmQueryDeviceSupport(NvmlDevice device, out uint isSupported)
    {
        using var call = meter.Enter(nameof(GpmQueryDeviceSupport));
        return inner.GpmQueryDeviceSupport(device, out isSupported);
    }

    public NvmlStatus GpmSampleAlloc(out NvmlGpmSample sample)
    {
        using var call = meter.Enter(nameof(GpmSampleAlloc));
        return inner.GpmSampleAlloc(out sample);
    }

    public NvmlStatus GpmSampleFree(NvmlGpmSample sample)
    {
        using var call = meter.Enter(nameof(GpmSampleFree));
        return inner.GpmSampleFree(sample);
    }

    public NvmlStatus GpmSampleGet(NvmlDevice device, NvmlGpmSample sample)
    {
        using var call = meter.Enter(nameof(GpmSampleGet));
        return inner.GpmSampleGet(device, sample);
    }

    public NvmlStatus GpmMigSampleGet(NvmlDevice device, uint gpuInstanceId, NvmlGpmSample sample)
    {
        using var call = meter.Enter(nameof(GpmMigSampleGet));
        return inner.GpmMigSampleGet(device, gpuInstanceId, sample);
    }

    public NvmlStatus GpmMetricsGet(
        NvmlGpmSample first, NvmlGpmSample second, IReadOnlyList<uint> metrics, out IReadOnlyList<NvmlGpmValue> values)
    {
        using var call = meter.Enter(nameof(GpmMetricsGet));
        return inner.GpmMetricsGet(first, second, metrics, out values);
    }
}
