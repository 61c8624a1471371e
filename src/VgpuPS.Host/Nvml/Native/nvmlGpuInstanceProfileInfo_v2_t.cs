using System.Runtime.InteropServices;

namespace VgpuPS.Host.Nvml.Native;

/// <summary>GPU instance profile, second form.</summary>
/// <remarks>Source: nvml.h; facts/nvml.md 4.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 152)]
internal unsafe struct nvmlGpuInstanceProfileInfo_v2_t
{
    /// <summary>Size and version of the struct, as the driver checks them.</summary>
    internal const uint VersionWord = 0x02000098;

    [FieldOffset(0)]
    internal uint version;

    [FieldOffset(4)]
    internal uint id;

    [FieldOffset(8)]
    internal uint isP2pSupported;

    [FieldOffset(12)]
    internal uint sliceCount;

    [FieldOffset(16)]
    internal uint instanceCount;

    [FieldOffset(20)]
    internal uint multiprocessorCount;

    [FieldOffset(24)]
    internal uint copyEngineCount;

    [FieldOffset(28)]
    internal uint decoderCount;

    [FieldOffset(32)]
    internal uint encoderCount;

    [FieldOffset(36)]
    internal uint jpegCount;

    [FieldOffset(40)]
    internal uint ofaCount;

    [FieldOffset(48)]
    internal ulong memorySizeMB;

    [FieldOffset(56)]
    internal fixed byte name[96];
}
