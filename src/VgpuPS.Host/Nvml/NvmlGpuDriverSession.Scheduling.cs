using VgpuPS.Core.Contracts;
using VgpuPS.Core.Pci;
using VgpuPS.Core.Vgpu;
using VgpuPS.Host.Seams;

namespace VgpuPS.Host.Nvml;

internal sealed partial class NvmlGpuDriverSession
{
    private const uint MixedSizesCapability = 2;
    private const uint ArrOff = 1;
    private const uint ArrOn = 2;

    public bool? GetMixedSizeMode(PciAddress gpu)
    {
        var status = api.DeviceGetVgpuHeterogeneousMode(Find(gpu), out var mode);
        if (status is NvmlStatus.FunctionNotFound or NvmlStatus.NotSupported)
        {
            return null;
        }

        Check(status, "nvmlDeviceGetVgpuHeterogeneousMode", gpu);
        return mode != 0;
    }

    public bool? CanMixSizes(PciAddress gpu)
    {
        var status = api.DeviceGetVgpuCapability(Find(gpu), MixedSizesCapability, out var result);
        if (status is NvmlStatus.FunctionNotFound or NvmlStatus.NotSupported or NvmlStatus.InvalidArgument)
        {
            return null;
        }

        Check(status, "nvmlDeviceGetVgpuCapabilities", gpu);
        return result != 0;
    }

    public void SetMixedSizeMode(PciAddress gpu, bool enabled) => Check(
        api.DeviceSetVgpuHeterogeneousMode(Find(gpu), enabled ? 1u : 0u), "nvmlDeviceSetVgpuHeterogeneousMode", gpu);

    public VgpuScheduler? GetScheduler(PciAddress gpu)
    {
        var status = api.DeviceGetVgpuSchedulerState(Find(gpu), out var state);
        if (status is NvmlStatus.FunctionNotFound or NvmlStatus.NotSupported)
        {
            return null;
        }

        Check(status, "nvmlDeviceGetVgpuSchedulerState", gpu);
        return new VgpuScheduler(
            ToPolicy(state.Policy), state.TimesliceNs,
            state.ArrMode switch { ArrOff => false, ArrOn => true, _ => null });
    }

    public VgpuSchedulerLimits? GetSchedulerLimits(PciAddress gpu)
    {
        var status = api.DeviceGetVgpuSchedulerCapabilities(Find(gpu), out var limits);
        if (status is NvmlStatus.FunctionNotFound or NvmlStatus.NotSupported)
        {
            return null;
        }

        Check(status, "nvmlDeviceGetVgpuSchedulerCapabilities", gpu);
        return limits is null ? null : new VgpuSchedulerLimits(
            [.. limits.Policies.Select(ToPolicy).OfType<SchedulerPolicy>()],
            limits.MinTimesliceNs, limits.MaxTimesliceNs);
    }

    /// <remarks>
    /// Source: facts/nvml.md 5: a slice counts only with adaptive round robin off. That mode 0 with a slice of 0 means the
    /// driver's own choice is assumed, from the header's words "or the default value otherwise".
    /// </remarks>
    public void SetScheduler(PciAddress gpu, SchedulerPolicy policy, long? timesliceNanoseconds)
    {
        var state = new NvmlVgpuScheduler(
            ToNumber(policy), timesliceNanoseconds is null ? 0 : ArrOff, (uint)(timesliceNanoseconds ?? 0), 0, 0);
        Check(api.DeviceSetVgpuSchedulerState(Find(gpu), state), "nvmlDeviceSetVgpuSchedulerState", gpu);
    }

    private static SchedulerPolicy? ToPolicy(uint number) => number switch
    {
        1 => SchedulerPolicy.BestEffort,
        2 => SchedulerPolicy.EqualShare,
        3 => SchedulerPolicy.FixedShare,
        _ => null,
    };

    private static uint ToNumber(SchedulerPolicy policy) => policy switch
    {
        SchedulerPolicy.BestEffort => 1,
        SchedulerPolicy.EqualShare => 2,
        SchedulerPolicy.FixedShare => 3,
        _ => throw new ArgumentOutOfRangeException(nameof(policy), policy, null),
    };
}
