using VgpuPS.Host.Nvml.Native;

namespace VgpuPS.Host.Nvml;

public sealed unsafe partial class NativeNvmlApi
{
    private const uint GraphicsEngine = 1;
    private const uint GpuSensor = 0;
    private const int MaxFields = 32;

    // NVML_VALUE_NOT_AVAILABLE.
    private const ulong NoValue = ulong.MaxValue;

    /// <inheritdoc/>
    public NvmlStatus DeviceGetUtilizationRates(NvmlDevice device, out NvmlUtilization utilization)
    {
        nvmlUtilization_t native = default;
        var status = Read("nvmlDeviceGetUtilizationRates", device.Value, ref native);
        utilization = new NvmlUtilization(native.gpu, native.memory);
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetEncoderUtilization(NvmlDevice device, out uint percent) =>
        ReadSampled("nvmlDeviceGetEncoderUtilization", device, out percent);

    /// <inheritdoc/>
    public NvmlStatus DeviceGetDecoderUtilization(NvmlDevice device, out uint percent) =>
        ReadSampled("nvmlDeviceGetDecoderUtilization", device, out percent);

    /// <inheritdoc/>
    public NvmlStatus DeviceGetPowerUsage(NvmlDevice device, out uint milliwatts) =>
        ReadNumber("nvmlDeviceGetPowerUsage", device, out milliwatts);

    /// <inheritdoc/>
    public NvmlStatus DeviceGetEnforcedPowerLimit(NvmlDevice device, out uint milliwatts) =>
        ReadNumber("nvmlDeviceGetEnforcedPowerLimit", device, out milliwatts);

    /// <inheritdoc/>
    public NvmlStatus DeviceGetTotalEnergyConsumption(NvmlDevice device, out ulong millijoules)
    {
        millijoules = 0;
        return Read("nvmlDeviceGetTotalEnergyConsumption", device.Value, ref millijoules);
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetTemperature(NvmlDevice device, out uint celsius)
    {
        nvmlTemperature_v1_t native = default;
        native.version = nvmlTemperature_v1_t.VersionWord;
        native.sensorType = GpuSensor;
        var newest = Read("nvmlDeviceGetTemperatureV", device.Value, ref native);
        if (!IsFormUnknown(newest))
        {
            celsius = (uint)Math.Max(0, native.temperature);
            return newest;
        }

        celsius = 0;
        return OfLastForm(ReadOf("nvmlDeviceGetTemperature", device.Value, GpuSensor, ref celsius), newest);
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetClockInfo(NvmlDevice device, uint clock, out uint megahertz)
    {
        megahertz = 0;
        return ReadOf("nvmlDeviceGetClockInfo", device.Value, clock, ref megahertz);
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetPerformanceState(NvmlDevice device, out uint state) =>
        ReadNumber("nvmlDeviceGetPerformanceState", device, out state);

    /// <inheritdoc/>
    public NvmlStatus DeviceGetClocksEventReasons(NvmlDevice device, out ulong reasons)
    {
        reasons = 0;
        var newest = Read("nvmlDeviceGetCurrentClocksEventReasons", device.Value, ref reasons);
        return newest != NvmlStatus.FunctionNotFound
            ? newest
            : Read("nvmlDeviceGetCurrentClocksThrottleReasons", device.Value, ref reasons);
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetPcieReplayCounter(NvmlDevice device, out uint count) =>
        ReadNumber("nvmlDeviceGetPcieReplayCounter", device, out count);

    /// <inheritdoc/>
    public NvmlStatus DeviceGetTotalEccErrors(
        NvmlDevice device, uint errorType, uint counterType, out ulong count)
    {
        count = 0;
        var call = (delegate* unmanaged[Cdecl]<nint, uint, uint, ulong*, NvmlStatus>)_library.Export(
            "nvmlDeviceGetTotalEccErrors");
        if (call is null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        fixed (ulong* value = &count)
        {
            return call(device.Value, errorType, counterType, value);
        }
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetFieldValues(
        NvmlDevice device, IReadOnlyList<uint> fields, out IReadOnlyList<NvmlFieldValue> values)
    {
        values = [];
        var call = (delegate* unmanaged[Cdecl]<nint, int, nvmlFieldValue_t*, NvmlStatus>)_library.Export(
            "nvmlDeviceGetFieldValues");
        if (call is null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(fields.Count, MaxFields);
        var native = new nvmlFieldValue_t[fields.Count];
        for (var i = 0; i < native.Length; i++)
        {
            native[i].fieldId = fields[i];
        }

        NvmlStatus status;
        fixed (nvmlFieldValue_t* first = native)
        {
            status = call(device.Value, native.Length, first);
        }

        if (status == NvmlStatus.Success)
        {
            values = Array.ConvertAll(
                native, v => new NvmlFieldValue(v.fieldId, (NvmlStatus)v.nvmlReturn, ValueOf(v.value, v.valueType)));
        }

        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus VgpuInstanceGetEncoderStats(uint vgpuInstance, out NvmlSessionStats stats)
    {
        stats = default;
        var call = (delegate* unmanaged[Cdecl]<uint, uint*, uint*, uint*, NvmlStatus>)_library.Export(
            "nvmlVgpuInstanceGetEncoderStats");
        if (call is null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        uint sessions = 0, fps = 0, latency = 0;
        var status = call(vgpuInstance, &sessions, &fps, &latency);
        stats = new NvmlSessionStats(sessions, fps, latency);
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus VgpuInstanceGetCaptureStats(uint vgpuInstance, out NvmlSessionStats stats)
    {
        nvmlFBCStats_t native = default;
        var status = ReadById("nvmlVgpuInstanceGetFBCStats", vgpuInstance, ref native);
        stats = new NvmlSessionStats(native.sessionsCount, native.averageFPS, native.averageLatency);
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetVgpuSchedulerLog(NvmlDevice device, out IReadOnlyList<NvmlSchedulerLogEntry> entries)
    {
        entries = [];
        var native = new nvmlVgpuSchedulerLog_t[1];
        native[0].engineId = GraphicsEngine;
        var status = Read("nvmlDeviceGetVgpuSchedulerLog", device.Value, ref native[0]);
        if (status == NvmlStatus.Success)
        {
            ReadOnlySpan<nvmlVgpuSchedulerLogEntry_t> all = native[0].logEntries;
            var found = new List<NvmlSchedulerLogEntry>();
            foreach (var entry in all[..(int)Math.Min(native[0].entriesCount, (uint)all.Length)])
            {
                found.Add(new NvmlSchedulerLogEntry(entry.timestamp, entry.timeRunTotal, entry.swRunlistId));
            }

            entries = found;
        }

        return status;
    }

    /// <summary>A value as its type says; null for NVML's "not available".</summary>
    /// <remarks>Source: nvml.h, nvmlValueType_t (numbers assumed); facts/metrics.md A28.</remarks>
    internal static double? ValueOf(nvmlValue_t value, uint type) => type switch
    {
        0 => value.dVal,
        1 => value.uiVal,
        2 or 3 => value.ullVal == NoValue ? null : value.ullVal,
        4 => value.sllVal,
        5 => value.siVal,
        6 => value.usVal,
        _ => null,
    };

    private NvmlStatus ReadNumber(string export, NvmlDevice device, out uint number)
    {
        number = 0;
        return Read(export, device.Value, ref number);
    }

    private NvmlStatus ReadSampled(string export, NvmlDevice device, out uint percent)
    {
        percent = 0;
        var call = (delegate* unmanaged[Cdecl]<nint, uint*, uint*, NvmlStatus>)_library.Export(export);
        if (call is null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        uint period = 0;
        fixed (uint* value = &percent)
        {
            return call(device.Value, value, &period);
        }
    }
}
