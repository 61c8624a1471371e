using System.Runtime.CompilerServices;

namespace VgpuPS.Host.Nvml.Native;

/// <summary>Memory of a GPU in bytes.</summary>
internal struct nvmlMemory_t
{
    internal ulong total;
    internal ulong free;
    internal ulong used;
}

/// <summary>A process on a GPU.</summary>
/// <remarks>Source: nvml.h, what the _v3 function fills (assumed: facts/nvml.md 4 has no table).</remarks>
internal struct nvmlProcessInfo_t
{
    internal uint pid;
    internal ulong usedGpuMemory;
    internal uint gpuInstanceId;
    internal uint computeInstanceId;
}

/// <summary>Text of 96 bytes, ended by a zero.</summary>
[InlineArray(96)]
internal struct Bytes96
{
    private byte _first;
}
