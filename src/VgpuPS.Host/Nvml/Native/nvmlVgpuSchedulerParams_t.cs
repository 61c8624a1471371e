using System.Runtime.InteropServices;

namespace VgpuPS.Host.Nvml.Native;

/// <summary>Figures of the scheduler: a union, by whether adaptive round robin is on.</summary>
/// <remarks>Source: nvml.h; facts/nvml.md 5 (nested aggregates).</remarks>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct nvmlVgpuSchedulerParams_t
{
    [FieldOffset(0)]
    internal uint avgFactor;

    [FieldOffset(4)]
    internal uint arrTimeslice;

    [FieldOffset(0)]
    internal uint timeslice;
}
