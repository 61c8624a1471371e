namespace VgpuPS.Host.Nvml.Native;

// Source: nvml.h; facts/nvml.md 4 (sizes and offsets).
/// <summary>Where a GPU instance sits, in memory slices.</summary>
internal struct nvmlGpuInstancePlacement_t
{
    internal uint start;
    internal uint size;
}

/// <summary>GPU instance profile, first form, without a name.</summary>
internal struct nvmlGpuInstanceProfileInfo_t
{
    internal uint id;
    internal uint isP2pSupported;
    internal uint sliceCount;
    internal uint instanceCount;
    internal uint multiprocessorCount;
    internal uint copyEngineCount;
    internal uint decoderCount;
    internal uint encoderCount;
    internal uint jpegCount;
    internal uint ofaCount;
    internal ulong memorySizeMB;
}

/// <summary>GPU instance profile, second form.</summary>
internal struct nvmlGpuInstanceProfileInfo_v2_t
{
    /// <summary>Size and version of the struct, as the driver checks them.</summary>
    internal const uint VersionWord = 0x02000098;

    internal uint version;
    internal uint id;
    internal uint isP2pSupported;
    internal uint sliceCount;
    internal uint instanceCount;
    internal uint multiprocessorCount;
    internal uint copyEngineCount;
    internal uint decoderCount;
    internal uint encoderCount;
    internal uint jpegCount;
    internal uint ofaCount;
    internal ulong memorySizeMB;
    internal Bytes96 name;
}

/// <summary>GPU instance profile, third form.</summary>
internal struct nvmlGpuInstanceProfileInfo_v3_t
{
    /// <summary>Size and version of the struct, as the driver checks them.</summary>
    internal const uint VersionWord = 0x03000098;

    internal uint version;
    internal uint id;
    internal uint sliceCount;
    internal uint instanceCount;
    internal uint multiprocessorCount;
    internal uint copyEngineCount;
    internal uint decoderCount;
    internal uint encoderCount;
    internal uint jpegCount;
    internal uint ofaCount;
    internal ulong memorySizeMB;
    internal Bytes96 name;
    internal uint capabilities;
}

internal struct nvmlGpuInstanceInfo_t
{
    internal nint device;
    internal uint id;
    internal uint profileId;
    internal nvmlGpuInstancePlacement_t placement;
}

/// <summary>Where a compute instance sits, in compute slices.</summary>
internal struct nvmlComputeInstancePlacement_t
{
    internal uint start;
    internal uint size;
}

/// <summary>Compute instance profile, first form, without a name.</summary>
internal struct nvmlComputeInstanceProfileInfo_t
{
    internal uint id;
    internal uint sliceCount;
    internal uint instanceCount;
    internal uint multiprocessorCount;
    internal uint sharedCopyEngineCount;
    internal uint sharedDecoderCount;
    internal uint sharedEncoderCount;
    internal uint sharedJpegCount;
    internal uint sharedOfaCount;
}

/// <summary>Compute instance profile, second form.</summary>
internal struct nvmlComputeInstanceProfileInfo_v2_t
{
    /// <summary>Size and version of the struct, as the driver checks them.</summary>
    internal const uint VersionWord = 0x02000088;

    internal uint version;
    internal uint id;
    internal uint sliceCount;
    internal uint instanceCount;
    internal uint multiprocessorCount;
    internal uint sharedCopyEngineCount;
    internal uint sharedDecoderCount;
    internal uint sharedEncoderCount;
    internal uint sharedJpegCount;
    internal uint sharedOfaCount;
    internal Bytes96 name;
}

/// <summary>Compute instance profile, third form.</summary>
internal struct nvmlComputeInstanceProfileInfo_v3_t
{
    /// <summary>Size and version of the struct, as the driver checks them.</summary>
    internal const uint VersionWord = 0x0300008C;

    internal uint version;
    internal uint id;
    internal uint sliceCount;
    internal uint instanceCount;
    internal uint multiprocessorCount;
    internal uint sharedCopyEngineCount;
    internal uint sharedDecoderCount;
    internal uint sharedEncoderCount;
    internal uint sharedJpegCount;
    internal uint sharedOfaCount;
    internal Bytes96 name;
    internal uint capabilities;
}

internal struct nvmlComputeInstanceInfo_t
{
    internal nint device;
    internal nint gpuInstance;
    internal uint id;
    internal uint profileId;
    internal nvmlComputeInstancePlacement_t placement;
}
