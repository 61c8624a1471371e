using System.Runtime.InteropServices;
using VgpuPS.Host.Nvml.Native;
using VgpuPS.Host.Seams;

namespace VgpuPS.KernelBed.Nvml;

/// <summary>What the driver measures.</summary>
/// <remarks>Source: facts/metrics.md A.4; facts/nvml.md 3.7 and 4.</remarks>
internal static unsafe class ObserveExports
{
    private const uint UnsignedInt = 1;
    private const uint UnsignedLongLong = 3;
    private const uint GraphicsEngine = 1;

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetUtilizationRates")]
    private static NvmlStatus Rates(nint device, nvmlUtilization_t* rates) => StandIn.Call(nvml =>
    {
        var status = nvml.DeviceGetUtilizationRates(new NvmlDevice(device), out var found);
        *rates = new nvmlUtilization_t { gpu = found.Gpu, memory = found.Memory };
        return status;
    });

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetEncoderUtilization")]
    private static NvmlStatus Encoder(nint device, uint* percent, uint* period) => StandIn.Call(nvml =>
    {
        *period = 0;
        return nvml.DeviceGetEncoderUtilization(new NvmlDevice(device), out *percent);
    });

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetDecoderUtilization")]
    private static NvmlStatus Decoder(nint device, uint* percent, uint* period) => StandIn.Call(nvml =>
    {
        *period = 0;
        return nvml.DeviceGetDecoderUtilization(new NvmlDevice(device), out *percent);
    });

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetPowerUsage")]
    private static NvmlStatus Power(nint device, uint* milliwatts) => StandIn.Call(
        nvml => nvml.DeviceGetPowerUsage(new NvmlDevice(device), out *milliwatts));

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetEnforcedPowerLimit")]
    private static NvmlStatus PowerLimit(nint device, uint* milliwatts) => StandIn.Call(
        nvml => nvml.DeviceGetEnforcedPowerLimit(new NvmlDevice(device), out *milliwatts));

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetTotalEnergyConsumption")]
    private static NvmlStatus Energy(nint device, ulong* millijoules) => StandIn.Call(
        nvml => nvml.DeviceGetTotalEnergyConsumption(new NvmlDevice(device), out *millijoules));

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetTemperature")]
    private static NvmlStatus Temperature(nint device, uint sensor, uint* celsius) => StandIn.Call(nvml => sensor == 0
        ? nvml.DeviceGetTemperature(new NvmlDevice(device), out *celsius)
        : NvmlStatus.InvalidArgument);

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetTemperatureV")]
    private static NvmlStatus TemperatureV(nint device, nvmlTemperature_v1_t* temperature) => StandIn.Call(nvml =>
    {
        if (temperature->version != nvmlTemperature_v1_t.VersionWord)
        {
            return NvmlStatus.ArgumentVersionMismatch;
        }

        var status = nvml.DeviceGetTemperature(new NvmlDevice(device), out var celsius);
        temperature->temperature = (int)celsius;
        return status;
    });

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetClockInfo")]
    private static NvmlStatus Clock(nint device, uint clock, uint* megahertz) => StandIn.Call(
        nvml => nvml.DeviceGetClockInfo(new NvmlDevice(device), clock, out *megahertz));

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetPerformanceState")]
    private static NvmlStatus State(nint device, uint* state) => StandIn.Call(
        nvml => nvml.DeviceGetPerformanceState(new NvmlDevice(device), out *state));

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetCurrentClocksEventReasons")]
    private static NvmlStatus Events(nint device, ulong* reasons) => StandIn.Call(
        nvml => nvml.DeviceGetClocksEventReasons(new NvmlDevice(device), out *reasons));

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetCurrentClocksThrottleReasons")]
    private static NvmlStatus Throttling(nint device, ulong* reasons) => StandIn.Call(
        nvml => nvml.DeviceGetClocksEventReasons(new NvmlDevice(device), out *reasons));

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetPcieReplayCounter")]
    private static NvmlStatus Replays(nint device, uint* count) => StandIn.Call(
        nvml => nvml.DeviceGetPcieReplayCounter(new NvmlDevice(device), out *count));

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetTotalEccErrors")]
    private static NvmlStatus Errors(nint device, uint kind, uint counter, ulong* count) => StandIn.Call(
        nvml => nvml.DeviceGetTotalEccErrors(new NvmlDevice(device), kind, counter, out *count));

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetFieldValues")]
    private static NvmlStatus Fields(nint device, int count, nvmlFieldValue_t* values) => StandIn.Call(nvml =>
    {
        var ids = Enumerable.Range(0, count).Select(i => values[i].fieldId).ToList();
        var status = nvml.DeviceGetFieldValues(new NvmlDevice(device), ids, out var found);
        for (var i = 0; i < found.Count; i++)
        {
            values[i].nvmlReturn = (int)found[i].Status;
            values[i].valueType = UnsignedLongLong;
            values[i].value.ullVal = (ulong)(found[i].Value ?? 0);
        }

        return status;
    });

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetVgpuInstancesUtilizationInfo")]
    private static NvmlStatus Loads(nint device, nvmlVgpuInstancesUtilizationInfo_v1_t* loads) => StandIn.Call(nvml =>
    {
        if (loads->version != nvmlVgpuInstancesUtilizationInfo_v1_t.VersionWord)
        {
            return NvmlStatus.ArgumentVersionMismatch;
        }

        loads->sampleValType = UnsignedInt;
        var status = nvml.DeviceGetVgpuUtilization(new NvmlDevice(device), out var found);
        return Buffers.PutCounted(
            status,
            [
                .. found.Select(l => new nvmlVgpuInstanceUtilizationInfo_v1_t
                {
                    vgpuInstance = l.VgpuInstance,
                    smUtil = new nvmlValue_t { uiVal = l.Sm },
                    memUtil = new nvmlValue_t { uiVal = l.Memory },
                    encUtil = new nvmlValue_t { uiVal = l.Encoder },
                    decUtil = new nvmlValue_t { uiVal = l.Decoder },
                    jpgUtil = new nvmlValue_t { uiVal = l.Jpeg ?? 0 },
                    ofaUtil = new nvmlValue_t { uiVal = l.OpticalFlow ?? 0 },
                }),
            ],
            &loads->vgpuInstanceCount, loads->vgpuUtilArray);
    });

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetVgpuUtilization")]
    private static NvmlStatus OldLoads(
        nint device, ulong since, uint* kind, uint* count, nvmlVgpuInstanceUtilizationSample_t* samples) =>
        StandIn.Call(nvml =>
        {
            *kind = UnsignedInt;
            var status = nvml.DeviceGetVgpuUtilization(new NvmlDevice(device), out var found);
            return Buffers.PutCounted(
                status,
                [
                    .. found.Select(l => new nvmlVgpuInstanceUtilizationSample_t
                    {
                        vgpuInstance = l.VgpuInstance,
                        timeStamp = since,
                        smUtil = new nvmlValue_t { uiVal = l.Sm },
                        memUtil = new nvmlValue_t { uiVal = l.Memory },
                        encUtil = new nvmlValue_t { uiVal = l.Encoder },
                        decUtil = new nvmlValue_t { uiVal = l.Decoder },
                    }),
                ],
                count, samples);
        });

    [UnmanagedCallersOnly(EntryPoint = "nvmlVgpuInstanceGetEncoderStats")]
    private static NvmlStatus EncoderStats(uint vgpu, uint* sessions, uint* fps, uint* latency) => StandIn.Call(nvml =>
    {
        var status = nvml.VgpuInstanceGetEncoderStats(vgpu, out var found);
        (*sessions, *fps, *latency) = (found.Sessions, found.AverageFps, found.AverageLatencyUs);
        return status;
    });

    [UnmanagedCallersOnly(EntryPoint = "nvmlVgpuInstanceGetFBCStats")]
    private static NvmlStatus CaptureStats(uint vgpu, nvmlFBCStats_t* stats) => StandIn.Call(nvml =>
    {
        var status = nvml.VgpuInstanceGetCaptureStats(vgpu, out var found);
        *stats = new nvmlFBCStats_t
        {
            sessionsCount = found.Sessions,
            averageFPS = found.AverageFps,
            averageLatency = found.AverageLatencyUs,
        };
        return status;
    });

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetVgpuSchedulerLog")]
    private static NvmlStatus Log(nint device, nvmlVgpuSchedulerLog_t* log) => StandIn.Call(nvml =>
    {
        if (log->engineId != GraphicsEngine)
        {
            return NvmlStatus.InvalidArgument;
        }

        var status = nvml.DeviceGetVgpuSchedulerLog(new NvmlDevice(device), out var found);
        log->entriesCount = (uint)found.Count;
        for (var i = 0; i < found.Count; i++)
        {
            log->logEntries[i] = new nvmlVgpuSchedulerLogEntry_t
            {
                timestamp = found[i].TimestampNs,
                timeRunTotal = found[i].RunTotalNs,
                swRunlistId = found[i].Runlist,
            };
        }

        return status;
    });
}
