using System.Runtime.InteropServices;

namespace VgpuPS.Host.Nvml.Native;

/// <summary>Scheduler as it is.</summary>
/// <remarks>Source: nvml.h; facts/nvml.md 4.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct nvmlVgpuSchedulerGetState_t
{
    [FieldOffset(0)]
    internal uint schedulerPolicy;

    [FieldOffset(4)]
    internal uint arrMode;

    [FieldOffset(8)]
    internal nvmlVgpuSchedulerParams_t schedulerParams;
}
