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

    /// <summary>nvmlDeviceGetGpuInstanceRemainingCapacity.</summary>
    NvmlStatus DeviceGetGpuInstanceRemainingCapacity(NvmlDevice device, uint profileId, out uint count);

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

    /// <summary>nvmlGpuInstanceGetComputeInstanceProfileInfoV, newest struct first, engine profile 0 (shared).</summary>
    NvmlStatus GpuInstanceGetComputeInstanceProfileInfo(
        NvmlGpuInstanceHandle instance, uint slot, out NvmlComputeInstanceProfile profile);

    /// <summary>nvmlGpuInstanceGetComputeInstanceRemainingCapacity.</summary>
    NvmlStatus GpuInstanceGetComputeInstanceRemainingCapacity(
        NvmlGpuInstanceHandle instance, uint profileId, out uint count);

    /// <summary>nvmlGpuInstanceCreateComputeInstance.</summary>
    NvmlStatus GpuInstanceCreateComputeInstance(
        NvmlGpuInstanceHandle instance, uint profileId, out NvmlComputeInstanceHandle computeInstance);

    /// <summary>nvmlGpuInstanceGetComputeInstances; the caller gives the profile's instance count as buffer size.</summary>
    NvmlStatus GpuInstanceGetComputeInstances(
        NvmlGpuInstanceHandle instance, uint profileId, uint capacity,
        out IReadOnlyList<NvmlComputeInstanceHandle> computeInstances);

    /// <summary>nvmlComputeInstanceGetInfo_v2.</summary>
    NvmlStatus ComputeInstanceGetInfo(
        NvmlComputeInstanceHandle computeInstance, out NvmlComputeInstanceInfo info);

    /// <summary>nvmlComputeInstanceDestroy.</summary>
    NvmlStatus ComputeInstanceDestroy(NvmlComputeInstanceHandle computeInstance);
}
