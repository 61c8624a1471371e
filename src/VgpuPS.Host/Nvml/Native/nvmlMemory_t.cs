using System.Runtime.InteropServices;

namespace VgpuPS.Host.Nvml.Native;

/// <summary>Memory of a GPU in bytes.</summary>
/// <remarks>Source: nvml.h; facts/nvml.md 4.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct nvmlMemory_t
{
    [FieldOffset(0)]
    internal ulong total;

    [FieldOffset(8)]
    internal ulong free;

    [FieldOffset(16)]
    internal ulong used;
}
