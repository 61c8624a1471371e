using System.Runtime.InteropServices;

namespace VgpuPS.Host.Nvml.Native;

/// <summary>Limits of the scheduler.</summary>
/// <remarks>Source: nvml.h; facts/nvml.md 4.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal unsafe struct nvmlVgpuSchedulerCapabilities_t
{
    [FieldOffset(0)]
    internal fixed uint supportedSchedulers[3];

    [FieldOffset(12)]
    internal uint maxTimeslice;

    [FieldOffset(16)]
    internal uint minTimeslice;

    [FieldOffset(20)]
    internal uint isArrModeSupported;

    [FieldOffset(24)]
    internal uint maxFrequencyForARR;

    [FieldOffset(28)]
    internal uint minFrequencyForARR;

    [FieldOffset(32)]
    internal uint maxAvgFactorForARR;

    [FieldOffset(36)]
    internal uint minAvgFactorForARR;
}
