using System.Runtime.InteropServices;

namespace VgpuPS.Host.Nvml.Native;

/// <summary>A compute instance.</summary>
/// <remarks>Source: nvml.h; facts/nvml.md 4.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct nvmlComputeInstanceInfo_t
{
    [FieldOffset(0)]
    internal nint device;

    [FieldOffset(8)]
    internal nint gpuInstance;

    [FieldOffset(16)]
    internal uint id;

    [FieldOffset(20)]
    internal uint profileId;

    [FieldOffset(24)]
    internal nvmlComputeInstancePlacement_t placement;
}
