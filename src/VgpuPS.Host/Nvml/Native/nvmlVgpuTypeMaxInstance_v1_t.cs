using System.Runtime.InteropServices;

namespace VgpuPS.Host.Nvml.Native;

/// <summary>How many vGPUs of a type a GPU instance takes.</summary>
/// <remarks>Source: nvml.h; facts/nvml.md 4.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 12)]
internal struct nvmlVgpuTypeMaxInstance_v1_t
{
    /// <summary>Size and version of the struct, as the driver checks them.</summary>
    internal const uint VersionWord = 0x0100000C;

    [FieldOffset(0)]
    internal uint version;

    [FieldOffset(4)]
    internal uint vgpuTypeId;

    [FieldOffset(8)]
    internal uint maxInstancePerGI;
}
