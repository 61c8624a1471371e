using System.Runtime.InteropServices;

namespace VgpuPS.Host.Nvml.Native;

/// <summary>Scheduler as it shall be.</summary>
/// <remarks>Source: nvml.h; facts/nvml.md 4.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct nvmlVgpuSchedulerSetState_t
{
    [FieldOffset(0)]
    internal uint schedulerPolicy;

    [FieldOffset(4)]
    internal uint enableARRMode;

    [FieldOffset(8)]
    internal nvmlVgpuSchedulerSetParams_t schedulerParams;
}
