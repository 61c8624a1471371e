using System.Runtime.InteropServices;

namespace VgpuPS.Host.Nvml.Native;

/// <summary>Compute instance profile, first form, without a name.</summary>
/// <remarks>Source: nvml.h; facts/nvml.md 4.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 36)]
internal struct nvmlComputeInstanceProfileInfo_t
{
    [FieldOffset(0)]
    internal uint id;

    [FieldOffset(4)]
    internal uint sliceCount;

    [FieldOffset(8)]
    internal uint instanceCount;

    [FieldOffset(12)]
    internal uint multiprocessorCount;

    [FieldOffset(16)]
    internal uint sharedCopyEngineCount;

    [FieldOffset(20)]
    internal uint sharedDecoderCount;

    [FieldOffset(24)]
    internal uint sharedEncoderCount;

    [FieldOffset(28)]
    internal uint sharedJpegCount;

    [FieldOffset(32)]
    internal uint sharedOfaCount;
}
