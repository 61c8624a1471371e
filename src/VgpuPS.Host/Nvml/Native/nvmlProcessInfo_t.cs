using System.Runtime.InteropServices;

namespace VgpuPS.Host.Nvml.Native;

/// <summary>A process on a GPU.</summary>
/// <remarks>Source: nvml.h, what the _v3 function fills (assumed: facts/nvml.md 4 has no table).</remarks>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct nvmlProcessInfo_t
{
    [FieldOffset(0)]
    internal uint pid;

    [FieldOffset(8)]
    internal ulong usedGpuMemory;

    [FieldOffset(16)]
    internal uint gpuInstanceId;

    [FieldOffset(20)]
    internal uint computeInstanceId;
}
