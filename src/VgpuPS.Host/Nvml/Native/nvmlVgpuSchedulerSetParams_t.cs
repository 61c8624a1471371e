using System.Runtime.InteropServices;

namespace VgpuPS.Host.Nvml.Native;

/// <summary>Figures to set the scheduler with: a union, by whether adaptive round robin is on.</summary>
/// <remarks>Source: nvml.h; facts/nvml.md 5 (nested aggregates).</remarks>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct nvmlVgpuSchedulerSetParams_t
{
    [FieldOffset(0)]
    internal uint avgFactor;

    [FieldOffset(4)]
    internal uint frequency;

    [FieldOffset(0)]
    internal uint timeslice;
}
