using System.Runtime.InteropServices;

namespace VgpuPS.Host.Nvml.Native;

/// <summary>Compute instance profile, second form.</summary>
/// <remarks>Source: nvml.h; facts/nvml.md 4.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 136)]
internal unsafe struct nvmlComputeInstanceProfileInfo_v2_t
{
    /// <summary>Size and version of the struct, as the driver checks them.</summary>
    internal const uint VersionWord = 0x02000088;

    [FieldOffset(0)]
    internal uint version;

    [FieldOffset(4)]
    internal uint id;

    [FieldOffset(8)]
    internal uint sliceCount;

    [FieldOffset(12)]
    internal uint instanceCount;

    [FieldOffset(16)]
    internal uint multiprocessorCount;

    [FieldOffset(20)]
    internal uint sharedCopyEngineCount;

    [FieldOffset(24)]
    internal uint sharedDecoderCount;

    [FieldOffset(28)]
    internal uint sharedEncoderCount;

    [FieldOffset(32)]
    internal uint sharedJpegCount;

    [FieldOffset(36)]
    internal uint sharedOfaCount;

    [FieldOffset(40)]
    internal fixed byte name[96];
}
