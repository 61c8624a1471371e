using System.Runtime.InteropServices;

namespace VgpuPS.Host.Nvml.Native;

/// <summary>GPU instance profile, third form.</summary>
/// <remarks>Source: nvml.h; facts/nvml.md 4.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 152)]
internal unsafe struct nvmlGpuInstanceProfileInfo_v3_t
{
    /// <summary>Size and version of the struct, as the driver checks them.</summary>
    internal const uint VersionWord = 0x03000098;

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
    internal uint copyEngineCount;

    [FieldOffset(24)]
    internal uint decoderCount;

    [FieldOffset(28)]
    internal uint encoderCount;

    [FieldOffset(32)]
    internal uint jpegCount;

    [FieldOffset(36)]
    internal uint ofaCount;

    [FieldOffset(40)]
    internal ulong memorySizeMB;

    [FieldOffset(48)]
    internal fixed byte name[96];

    [FieldOffset(144)]
    internal uint capabilities;
}
