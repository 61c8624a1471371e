namespace VgpuPS.Host.Seams;

public partial interface INvmlApi
{
    /// <summary>
    /// nvmlDeviceGetGpuInstanceProfileInfoV, newest struct first, then nvmlDeviceGetGpuInstanceProfileInfo (which has
    /// no name). InvalidArgument ends an enumeration of slots, NotSupported skips one.
    /// </summary>
    NvmlStatus DeviceGetGpuInstanceProfileInfo(NvmlDevice device, uint slot, out NvmlGpuInstanceProfile profile);

    /// <summary>nvmlDeviceGetGpuInstancePossiblePlacements_v2.</summary>
    NvmlStatus DeviceGetGpuInstancePossiblePlacements(
        NvmlDevice device, uint profileId, out IReadOnlyList<NvmlPlacement> placements);

    /// <summary>nvmlDeviceCreateGpuInstanceWithPlacement.</summary>
    NvmlStatus DeviceCreateGpuInstanceWithPlacement(
        NvmlDevice device, uint profileId, NvmlPlacement placement, out NvmlGpuInstanceHandle instance);

    /// <summary>nvmlDeviceGetGpuInstances; the caller gives the profile's instance count as buffer size.</summary>
    NvmlStatus DeviceGetGpuInstances(
        NvmlDevice device, uint profileId, uint capacity, out IReadOnlyList<NvmlGpuInstanceHandle> instances);

    /// <summary>nvmlDeviceGetGpuInstanceById.</summary>
    NvmlStatus DeviceGetGpuInstanceById(NvmlDevice device, uint id, out NvmlGpuInstanceHandle instance);

    /// <summary>nvmlGpuInstanceGetInfo.</summary>
    NvmlStatus GpuInstanceGetInfo(NvmlGpuInstanceHandle instance, out NvmlGpuInstanceInfo info);

    /// <summary>nvmlGpuInstanceDestroy.</summary>
    NvmlStatus GpuInstanceDestroy(NvmlGpuInstanceHandle instance);

    /// <summary>nvmlGpuInstanceGetComputeInstanceProfileInfoV, newest struct first, engine profile 0
    /// (shared).</summary>
    NvmlStatus GpuInstanceGetComputeInstanceProfileInfo(
        NvmlGpuInstanceHandle instance, uint slot, out NvmlComputeInstanceProfile profile);

    /// <summary>nvmlGpuInstanceCreateComputeInstance.</summary>
    NvmlStatus GpuInstanceCreateComputeInstance(
        NvmlGpuInstanceHandle instance, uint profileId, out NvmlComputeInstanceHandle computeInstance);

    /// <summary>nvmlGpuInstanceGetComputeInstances; the caller gives the profile's instance count as buffer
    /// size.</summary>
    NvmlStatus GpuInstanceGetComputeInstances(
        NvmlGpuInstanceHandle instance, uint profileId, uint capacity,
        out IReadOnlyList<NvmlComputeInstanceHandle> computeInstances);

    /// <summary>nvmlComputeInstanceGetInfo_v2.</summary>
    NvmlStatus ComputeInstanceGetInfo(
        NvmlComputeInstanceHandle computeInstance, out NvmlComputeInstanceInfo info);

    /// <summary>nvmlComputeInstanceDestroy.</summary>
    NvmlStatus ComputeInstanceDestroy(NvmlComputeInstanceHandle computeInstance);
}

/// <summary>Borrowed handle of a GPU instance; dies when the instance is destroyed or the GPU rebound.</summary>
/// <param name="Value">The library's pointer.</param>
public readonly record struct NvmlGpuInstanceHandle(nint Value);

/// <summary>A GPU instance profile.</summary>
/// <param name="Id">What nvidia-smi prints and instances are created with.</param>
/// <param name="Name">The driver's name (<c>MIG 2g.12gb</c>); empty from drivers that only have the first
/// struct.</param>
/// <param name="SliceCount">Compute slices.</param>
/// <param name="InstanceCount">How many fit on an empty GPU.</param>
/// <param name="MultiprocessorCount">SMs.</param>
/// <param name="CopyEngineCount">Copy engines.</param>
/// <param name="DecoderCount">Video decoders.</param>
/// <param name="EncoderCount">Video encoders.</param>
/// <param name="JpegCount">JPEG decoders.</param>
/// <param name="OfaCount">Optical flow engines.</param>
/// <param name="MemoryMiB">Memory in MiB (NVML's memorySizeMB).</param>
/// <remarks>Source: nvml.h, nvmlGpuInstanceProfileInfo_t, _v2_t, _v3_t.</remarks>
public readonly record struct NvmlGpuInstanceProfile(
    uint Id, string Name, uint SliceCount, uint InstanceCount, uint MultiprocessorCount, uint CopyEngineCount,
    uint DecoderCount, uint EncoderCount, uint JpegCount, uint OfaCount, ulong MemoryMiB)
{
    /// <summary>Whether the function without versions answered, or failed:
    /// nvmlDeviceGetGpuInstanceProfileInfo.</summary>
    public bool IsOldForm { get; init; }
}

/// <summary>A GPU instance.</summary>
/// <param name="Id">Its id on the GPU.</param>
/// <param name="ProfileId">Its profile.</param>
/// <param name="Placement">Where it sits, in memory slices.</param>
/// <remarks>Source: nvml.h, nvmlGpuInstanceInfo_t.</remarks>
public readonly record struct NvmlGpuInstanceInfo(uint Id, uint ProfileId, NvmlPlacement Placement);

/// <summary>Borrowed handle of a compute instance; dies when it is destroyed or the GPU rebound.</summary>
/// <param name="Value">The library's pointer.</param>
public readonly record struct NvmlComputeInstanceHandle(nint Value);

/// <summary>A compute instance profile.</summary>
/// <param name="Id">What instances are created with.</param>
/// <param name="Name">The driver's name; empty from drivers that only have the first struct.</param>
/// <param name="SliceCount">Compute slices.</param>
/// <param name="InstanceCount">How many fit into an empty GPU instance.</param>
/// <param name="MultiprocessorCount">SMs.</param>
/// <remarks>Source: nvml.h, nvmlComputeInstanceProfileInfo_t, _v2_t.</remarks>
public readonly record struct NvmlComputeInstanceProfile(
    uint Id, string Name, uint SliceCount, uint InstanceCount, uint MultiprocessorCount)
{
    /// <summary>Whether the function without versions answered, or failed:
    /// nvmlGpuInstanceGetComputeInstanceProfileInfo.</summary>
    public bool IsOldForm { get; init; }
}

/// <summary>A compute instance.</summary>
/// <param name="Id">Its id within the GPU instance.</param>
/// <param name="ProfileId">Its profile.</param>
/// <param name="Placement">Where it sits, in compute slices.</param>
/// <remarks>Source: nvml.h, nvmlComputeInstanceInfo_t.</remarks>
public readonly record struct NvmlComputeInstanceInfo(uint Id, uint ProfileId, NvmlPlacement Placement);

/// <summary>Start and size in slices, of a GPU instance or a compute instance.</summary>
/// <param name="Start">First slice.</param>
/// <param name="Size">Number of slices.</param>
public readonly record struct NvmlPlacement(uint Start, uint Size);
