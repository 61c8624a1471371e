using System.Runtime.InteropServices;
using VgpuPS.Host.Nvml.Native;
using VgpuPS.Host.Seams;

namespace VgpuPS.KernelBed.Nvml;

/// <summary>MIG mode, mixed sizes, scheduler.</summary>
/// <remarks>Source: facts/nvml.md 3.2, 4 and 5.</remarks>
internal static unsafe class ModeExports
{
    private const uint ArrOn = 2;

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetMigMode")]
    private static NvmlStatus GetMig(nint device, uint* current, uint* pending) => StandIn.Call(
        nvml => nvml.DeviceGetMigMode(new NvmlDevice(device), out *current, out *pending));

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceSetMigMode")]
    private static NvmlStatus SetMig(nint device, uint mode, NvmlStatus* activation) => StandIn.Call(
        nvml => nvml.DeviceSetMigMode(new NvmlDevice(device), mode, out *activation));

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetVgpuCapabilities")]
    private static NvmlStatus Capability(nint device, uint capability, uint* result) => StandIn.Call(
        nvml => nvml.DeviceGetVgpuCapability(new NvmlDevice(device), capability, out *result));

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetVgpuHeterogeneousMode")]
    private static NvmlStatus GetMixed(nint device, nvmlVgpuHeterogeneousMode_v1_t* mode) => StandIn.Call(
        nvml => mode->version == nvmlVgpuHeterogeneousMode_v1_t.VersionWord
            ? nvml.DeviceGetVgpuHeterogeneousMode(new NvmlDevice(device), out mode->mode)
            : NvmlStatus.ArgumentVersionMismatch);

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceSetVgpuHeterogeneousMode")]
    private static NvmlStatus SetMixed(nint device, nvmlVgpuHeterogeneousMode_v1_t* mode) => StandIn.Call(
        nvml => mode->version == nvmlVgpuHeterogeneousMode_v1_t.VersionWord
            ? nvml.DeviceSetVgpuHeterogeneousMode(new NvmlDevice(device), mode->mode)
            : NvmlStatus.ArgumentVersionMismatch);

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetVgpuSchedulerState")]
    private static NvmlStatus GetScheduler(nint device, nvmlVgpuSchedulerGetState_t* state) => StandIn.Call(nvml =>
    {
        var status = nvml.DeviceGetVgpuSchedulerState(new NvmlDevice(device), out var found);
        *state = new nvmlVgpuSchedulerGetState_t { schedulerPolicy = found.Policy, arrMode = found.ArrMode };
        state->schedulerParams.timeslice = found.TimesliceNs;
        return status;
    });

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceSetVgpuSchedulerState")]
    private static NvmlStatus SetScheduler(nint device, nvmlVgpuSchedulerSetState_t* state) => StandIn.Call(
        nvml => nvml.DeviceSetVgpuSchedulerState(
            new NvmlDevice(device),
            state->enableARRMode == ArrOn
                ? new NvmlVgpuScheduler(
                    state->schedulerPolicy, ArrOn, 0, state->schedulerParams.avgFactor,
                    state->schedulerParams.frequency)
                : new NvmlVgpuScheduler(
                    state->schedulerPolicy, state->enableARRMode, state->schedulerParams.timeslice, 0, 0)));

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetVgpuSchedulerCapabilities")]
    private static NvmlStatus Limits(nint device, nvmlVgpuSchedulerCapabilities_t* limits) => StandIn.Call(nvml =>
    {
        var status = nvml.DeviceGetVgpuSchedulerCapabilities(new NvmlDevice(device), out var found);
        if (found is not null)
        {
            for (var index = 0; index < found.Policies.Count; index++)
            {
                limits->supportedSchedulers[index] = found.Policies[index];
            }

            (limits->minTimeslice, limits->maxTimeslice) = (found.MinTimesliceNs, found.MaxTimesliceNs);
            limits->isArrModeSupported = found.ArrSupported ? 1u : 0u;
            (limits->minFrequencyForARR, limits->maxFrequencyForARR) = (found.MinFrequencyHz, found.MaxFrequencyHz);
            (limits->minAvgFactorForARR, limits->maxAvgFactorForARR) = (found.MinAverageFactor, found.MaxAverageFactor);
        }

        return status;
    });
}
