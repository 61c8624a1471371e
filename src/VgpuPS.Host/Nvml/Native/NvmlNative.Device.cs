using System.Runtime.CompilerServices;

namespace VgpuPS.Host.Nvml.Native;

// Source: nvml.h; facts/nvml.md 4 (sizes and offsets).
/// <summary>PCI identity of a GPU.</summary>
internal struct nvmlPciInfo_t
{
    internal Bytes16 busIdLegacy;
    internal uint domain;
    internal uint bus;
    internal uint device;
    internal uint pciDeviceId;
    internal uint pciSubSystemId;
    internal Bytes32 busId;
}

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

/// <summary>Text of 16 bytes, ended by a zero.</summary>
[InlineArray(16)]
internal struct Bytes16
{
    private byte _first;
}

/// <summary>Text of 32 bytes, ended by a zero.</summary>
[InlineArray(32)]
internal struct Bytes32
{
    private byte _first;
}

/// <summary>Text of 96 bytes, ended by a zero.</summary>
[InlineArray(96)]
internal struct Bytes96
{
    private byte _first;
}
