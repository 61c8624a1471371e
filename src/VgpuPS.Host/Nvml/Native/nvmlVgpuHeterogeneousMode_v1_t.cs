using System.Runtime.InteropServices;

namespace VgpuPS.Host.Nvml.Native;

/// <summary>Mixed size mode of a GPU.</summary>
/// <remarks>Source: nvml.h; facts/nvml.md 4.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct nvmlVgpuHeterogeneousMode_v1_t
{
    /// <summary>Size and version of the struct, as the driver checks them.</summary>
    internal const uint VersionWord = 0x01000008;

    [FieldOffset(0)]
    internal uint version;

    [FieldOffset(4)]
    internal uint mode;
}
