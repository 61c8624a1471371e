using System.Runtime.InteropServices;

namespace VgpuPS.Host.Nvml.Native;

/// <summary>A GPU instance.</summary>
/// <remarks>Source: nvml.h; facts/nvml.md 4.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct nvmlGpuInstanceInfo_t
{
    [FieldOffset(0)]
    internal nint device;

    [FieldOffset(8)]
    internal uint id;

    [FieldOffset(12)]
    internal uint profileId;

    [FieldOffset(16)]
    internal nvmlGpuInstancePlacement_t placement;
}
