using System.Runtime.InteropServices;

namespace VgpuPS.Host.Nvml.Native;

/// <summary>Licence of a vGPU.</summary>
/// <remarks>Source: nvml.h; facts/nvml.md 4.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct nvmlVgpuLicenseInfo_t
{
    [FieldOffset(0)]
    internal byte isLicensed;

    [FieldOffset(4)]
    internal nvmlVgpuLicenseExpiry_t licenseExpiry;

    [FieldOffset(20)]
    internal uint currentState;
}
