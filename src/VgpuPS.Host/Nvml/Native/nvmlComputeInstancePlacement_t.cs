using System.Runtime.InteropServices;

namespace VgpuPS.Host.Nvml.Native;

/// <summary>Where a compute instance sits, in compute slices.</summary>
/// <remarks>Source: nvml.h; facts/nvml.md 4.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct nvmlComputeInstancePlacement_t
{
    [FieldOffset(0)]
    internal uint start;

    [FieldOffset(4)]
    internal uint size;
}
