using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace VgpuPS.Host.Nvml.Native;

// Source: nvml.h; facts/nvml.md 4 (sizes and offsets).
/// <summary>Figures of the scheduler: a union, by whether adaptive round robin is on.</summary>
/// <remarks>Source: nvml.h; facts/nvml.md 5 (nested aggregates).</remarks>
[StructLayout(LayoutKind.Explicit)]
internal struct nvmlVgpuSchedulerParams_t
{
    [FieldOffset(0)] internal uint avgFactor;
    [FieldOffset(4)] internal uint arrTimeslice;
    [FieldOffset(0)] internal uint timeslice;
}

internal struct nvmlVgpuSchedulerGetState_t
{
    internal uint schedulerPolicy;
    internal uint arrMode;
    internal nvmlVgpuSchedulerParams_t schedulerParams;
}

/// <summary>Figures to set the scheduler with: a union, by whether adaptive round robin is on.</summary>
/// <remarks>Source: nvml.h; facts/nvml.md 5 (nested aggregates).</remarks>
[StructLayout(LayoutKind.Explicit)]
internal struct nvmlVgpuSchedulerSetParams_t
{
    [FieldOffset(0)] internal uint avgFactor;
    [FieldOffset(4)] internal uint frequency;
    [FieldOffset(0)] internal uint timeslice;
}

/// <summary>Scheduler as it shall be.</summary>
internal struct nvmlVgpuSchedulerSetState_t
{
    internal uint schedulerPolicy;
    internal uint enableARRMode;
    internal nvmlVgpuSchedulerSetParams_t schedulerParams;
}

/// <summary>Limits of the scheduler.</summary>
internal struct nvmlVgpuSchedulerCapabilities_t
{
    internal Words3 supportedSchedulers;
    internal uint maxTimeslice;
    internal uint minTimeslice;
    internal uint isArrModeSupported;
    internal uint maxFrequencyForARR;
    internal uint minFrequencyForARR;
    internal uint maxAvgFactorForARR;
    internal uint minAvgFactorForARR;
}

/// <summary>Three numbers.</summary>
[InlineArray(3)]
internal struct Words3
{
    private uint _first;
}
