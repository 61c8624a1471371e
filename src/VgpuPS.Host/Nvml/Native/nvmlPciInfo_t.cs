using System.Runtime.InteropServices;

namespace VgpuPS.Host.Nvml.Native;

/// <summary>PCI identity of a GPU.</summary>
/// <remarks>Source: nvml.h; facts/nvml.md 4.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 68)]
internal unsafe struct nvmlPciInfo_t
{
    [FieldOffset(0)]
    internal fixed byte busIdLegacy[16];

    [FieldOffset(16)]
    internal uint domain;

    [FieldOffset(20)]
    internal uint bus;

    [FieldOffset(24)]
    internal uint device;

    [FieldOffset(28)]
    internal uint pciDeviceId;

    [FieldOffset(32)]
    internal uint pciSubSystemId;

    [FieldOffset(36)]
    internal fixed byte busId[32];
}
