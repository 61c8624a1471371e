using VgpuPS.Host.Nvml.Native;
using VgpuPS.Host.Seams;

namespace VgpuPS.Host.Nvml;

public sealed unsafe partial class NativeNvmlApi
{
    private const uint ArrOn = 2;
    private const int PolicyCount = 3;

    /// <inheritdoc/>
    public NvmlStatus DeviceGetHostVgpuMode(NvmlDevice device, out uint mode)
    {
        mode = 0;
        return Read("nvmlDeviceGetHostVgpuMode", device.Value, ref mode);
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetVgpuCapability(NvmlDevice device, uint capability, out uint result)
    {
        result = 0;
        return ReadOf("nvmlDeviceGetVgpuCapabilities", device.Value, capability, ref result);
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetVgpuHeterogeneousMode(NvmlDevice device, out uint mode)
    {
        nvmlVgpuHeterogeneousMode_v1_t native = default;
        native.version = nvmlVgpuHeterogeneousMode_v1_t.VersionWord;
        var status = Read("nvmlDeviceGetVgpuHeterogeneousMode", device.Value, ref native);
        mode = native.mode;
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceSetVgpuHeterogeneousMode(NvmlDevice device, uint mode)
    {
        nvmlVgpuHeterogeneousMode_v1_t native = default;
        native.version = nvmlVgpuHeterogeneousMode_v1_t.VersionWord;
        native.mode = mode;
        return Read("nvmlDeviceSetVgpuHeterogeneousMode", device.Value, ref native);
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetVgpuSchedulerState(NvmlDevice device, out NvmlVgpuScheduler state)
    {
        nvmlVgpuSchedulerGetState_t native = default;
        var status = Read("nvmlDeviceGetVgpuSchedulerState", device.Value, ref native);
        var figures = native.schedulerParams;
        state = native.arrMode == ArrOn
            ? new NvmlVgpuScheduler(
                native.schedulerPolicy, native.arrMode, figures.arrTimeslice, figures.avgFactor, 0)
            : new NvmlVgpuScheduler(native.schedulerPolicy, native.arrMode, figures.timeslice, 0, 0);
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceSetVgpuSchedulerState(NvmlDevice device, NvmlVgpuScheduler state)
    {
        nvmlVgpuSchedulerSetState_t native = default;
        native.schedulerPolicy = state.Policy;
        native.enableARRMode = state.ArrMode;
        if (state.ArrMode == ArrOn)
        {
            native.schedulerParams.avgFactor = state.AverageFactor;
            native.schedulerParams.frequency = state.FrequencyHz;
        }
        else
        {
            native.schedulerParams.timeslice = state.TimesliceNs;
        }

        return Read("nvmlDeviceSetVgpuSchedulerState", device.Value, ref native);
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetVgpuSchedulerCapabilities(NvmlDevice device, out NvmlVgpuSchedulerLimits? limits)
    {
        limits = null;
        nvmlVgpuSchedulerCapabilities_t native = default;
        var status = Read("nvmlDeviceGetVgpuSchedulerCapabilities", device.Value, ref native);
        if (status == NvmlStatus.Success)
        {
            var policies = new List<uint>();
            foreach (var policy in new ReadOnlySpan<uint>(native.supportedSchedulers, PolicyCount))
            {
                if (policy != 0)
                {
                    policies.Add(policy);
                }
            }

            limits = new NvmlVgpuSchedulerLimits(
                policies, native.minTimeslice, native.maxTimeslice, native.isArrModeSupported != 0,
                native.minFrequencyForARR, native.maxFrequencyForARR, native.minAvgFactorForARR,
                native.maxAvgFactorForARR);
        }

        return status;
    }
}
