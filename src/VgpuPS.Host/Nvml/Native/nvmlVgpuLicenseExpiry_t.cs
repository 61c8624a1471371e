using System.Runtime.InteropServices;

namespace VgpuPS.Host.Nvml.Native;

/// <summary>When a vGPU licence ends.</summary>
/// <remarks>Source: nvml.h; facts/nvml.md 4.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct nvmlVgpuLicenseExpiry_t
{
    [FieldOffset(0)]
    internal uint year;

    [FieldOffset(4)]
    internal ushort month;

    [FieldOffset(6)]
    internal ushort day;

    [FieldOffset(8)]
    internal ushort hour;

    [FieldOffset(10)]
    internal ushort min;

    [FieldOffset(12)]
    internal ushort sec;

    [FieldOffset(14)]
    internal byte status;
}
