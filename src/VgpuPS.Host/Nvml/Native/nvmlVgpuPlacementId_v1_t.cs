using System.Runtime.InteropServices;

namespace VgpuPS.Host.Nvml.Native;

/// <summary>Placement id of a vGPU.</summary>
/// <remarks>Source: nvml.h; facts/nvml.md 4.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct nvmlVgpuPlacementId_v1_t
{
    /// <summary>Size and version of the struct, as the driver checks them.</summary>
    internal const uint VersionWord = 0x01000008;

    [FieldOffset(0)]
    internal uint version;

    [FieldOffset(4)]
    internal uint placementId;
}
