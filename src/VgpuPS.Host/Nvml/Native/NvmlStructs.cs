using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace VgpuPS.Host.Nvml.Native;

// Layouts: facts/nvml.md 4, printed by a C program compiled against nvml.h (x86-64 Linux). Spelled as in the header.
#pragma warning disable IDE1006, CS1591 // C names, private to this folder.
[InlineArray(32)]
internal struct NvmlText32
{
    private byte _first;
}

[InlineArray(96)]
internal struct NvmlText96
{
    private byte _first;
}

[StructLayout(LayoutKind.Sequential)]
internal struct nvmlPciInfo_t
{
    public ulong busIdLegacyLow;
    public ulong busIdLegacyHigh;
    public uint domain;
    public uint bus;
    public uint device;
    public uint pciDeviceId;
    public uint pciSubSystemId;
    public NvmlText32 busId;
}

[StructLayout(LayoutKind.Sequential)]
internal struct nvmlMemory_t
{
    public ulong total;
    public ulong free;
    public ulong used;
}

[StructLayout(LayoutKind.Sequential)]
internal struct nvmlPlacement_t
{
    public uint start;
    public uint size;
}

[StructLayout(LayoutKind.Sequential)]
internal struct nvmlGpuInstanceProfileInfo_t
{
    public uint id;
    public uint isP2pSupported;
    public uint sliceCount;
    public uint instanceCount;
    public uint multiprocessorCount;
    public uint copyEngineCount;
    public uint decoderCount;
    public uint encoderCount;
    public uint jpegCount;
    public uint ofaCount;
    public ulong memorySizeMB;
}

[StructLayout(LayoutKind.Sequential)]
internal struct nvmlGpuInstanceProfileInfo_v2_t
{
    public const uint Version = 0x02000098;

    public uint version;
    public uint id;
    public uint isP2pSupported;
    public uint sliceCount;
    public uint instanceCount;
    public uint multiprocessorCount;
    public uint copyEngineCount;
    public uint decoderCount;
    public uint encoderCount;
    public uint jpegCount;
    public uint ofaCount;
    public ulong memorySizeMB;
    public NvmlText96 name;
}

[StructLayout(LayoutKind.Sequential)]
internal struct nvmlGpuInstanceProfileInfo_v3_t
{
    public const uint Version = 0x03000098;

    public uint version;
    public uint id;
    public uint sliceCount;
    public uint instanceCount;
    public uint multiprocessorCount;
    public uint copyEngineCount;
    public uint decoderCount;
    public uint encoderCount;
    public uint jpegCount;
    public uint ofaCount;
    public ulong memorySizeMB;
    public NvmlText96 name;
    public uint capabilities;
}

[StructLayout(LayoutKind.Sequential)]
internal struct nvmlGpuInstanceInfo_t
{
    public nint device;
    public uint id;
    public uint profileId;
    public nvmlPlacement_t placement;
}

[StructLayout(LayoutKind.Sequential)]
internal struct nvmlComputeInstanceProfileInfo_t
{
    public uint id;
    public uint sliceCount;
    public uint instanceCount;
    public uint multiprocessorCount;
    public uint sharedCopyEngineCount;
    public uint sharedDecoderCount;
    public uint sharedEncoderCount;
    public uint sharedJpegCount;
    public uint sharedOfaCount;
}

[StructLayout(LayoutKind.Sequential)]
internal struct nvmlComputeInstanceProfileInfo_v2_t
{
    public const uint Version = 0x02000088;

    public uint version;
    public nvmlComputeInstanceProfileInfo_t info;
    public NvmlText96 name;
}

[StructLayout(LayoutKind.Sequential)]
internal struct nvmlComputeInstanceInfo_t
{
    public nint device;
    public nint gpuInstance;
    public uint id;
    public uint profileId;
    public nvmlPlacement_t placement;
}

/// <summary>The shape of three structs: heterogeneous mode, placement id (version 1).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct nvmlVersionedValue_v1_t
{
    public const uint Version = 0x01000008;

    public uint version;
    public uint value;
}

[StructLayout(LayoutKind.Sequential)]
internal struct nvmlVgpuTypeMaxInstance_v1_t
{
    public const uint Version = 0x0100000c;

    public uint version;
    public uint vgpuTypeId;
    public uint maxInstancePerGI;
}

[StructLayout(LayoutKind.Sequential)]
internal struct nvmlVgpuLicenseExpiry_t
{
    public uint year;
    public ushort month;
    public ushort day;
    public ushort hour;
    public ushort min;
    public ushort sec;
    public byte status;
}

[StructLayout(LayoutKind.Sequential)]
internal struct nvmlVgpuLicenseInfo_t
{
    public byte isLicensed;
    public nvmlVgpuLicenseExpiry_t licenseExpiry;
    public uint currentState;
}
#pragma warning restore IDE1006, CS1591
