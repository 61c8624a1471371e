using System.Runtime.InteropServices;

namespace VgpuPS.Host.Nvml.Native;

/// <summary>GPU instance profile, first form, without a name.</summary>
/// <remarks>Source: nvml.h; facts/nvml.md 4.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 48)]
internal struct nvmlGpuInstanceProfileInfo_t
{
    [FieldOffset(0)]
    internal uint id;

    [FieldOffset(4)]
    internal uint isP2pSupported;

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
}
