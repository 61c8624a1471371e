using VgpuPS.Host.Nvml.Native;
using VgpuPS.Host.Seams;

namespace VgpuPS.Host.Nvml;

public sealed unsafe partial class NativeNvmlApi
{
    /// <inheritdoc/>
    public NvmlStatus DeviceGetGpuInstanceProfileInfo(
        NvmlDevice device, uint slot, out NvmlGpuInstanceProfile profile)
    {
        profile = default;
        var named = (delegate* unmanaged<nint, uint, void*, int>)_library.Find("nvmlDeviceGetGpuInstanceProfileInfoV");
        if (named != null)
        {
            var v3 = new nvmlGpuInstanceProfileInfo_v3_t { version = nvmlGpuInstanceProfileInfo_v3_t.Version };
            var status = (NvmlStatus)named(device.Value, slot, &v3);
            if (status == NvmlStatus.Success)
            {
                profile = new NvmlGpuInstanceProfile(
                    v3.id, Text((byte*)&v3.name, 96), v3.sliceCount, v3.instanceCount, v3.multiprocessorCount,
                    v3.copyEngineCount, v3.decoderCount, v3.encoderCount, v3.jpegCount, v3.ofaCount, v3.memorySizeMB);
                return status;
            }

            var v2 = new nvmlGpuInstanceProfileInfo_v2_t { version = nvmlGpuInstanceProfileInfo_v2_t.Version };
            if (IsOtherVersion(status) && (NvmlStatus)named(device.Value, slot, &v2) == NvmlStatus.Success)
            {
                profile = new NvmlGpuInstanceProfile(
                    v2.id, Text((byte*)&v2.name, 96), v2.sliceCount, v2.instanceCount, v2.multiprocessorCount,
                    v2.copyEngineCount, v2.decoderCount, v2.encoderCount, v2.jpegCount, v2.ofaCount, v2.memorySizeMB);
                return NvmlStatus.Success;
            }
        }

        // With MIG mode off the named variant is refused, this one is not (facts/nvml.md 5).
        nvmlGpuInstanceProfileInfo_t raw = default;
        var plain = (delegate* unmanaged<nint, uint, nvmlGpuInstanceProfileInfo_t*, int>)_library.Find(
            "nvmlDeviceGetGpuInstanceProfileInfo");
        var last = plain == null ? NvmlStatus.FunctionNotFound : (NvmlStatus)plain(device.Value, slot, &raw);
        profile = new NvmlGpuInstanceProfile(
            raw.id, "", raw.sliceCount, raw.instanceCount, raw.multiprocessorCount, raw.copyEngineCount,
            raw.decoderCount, raw.encoderCount, raw.jpegCount, raw.ofaCount, raw.memorySizeMB);
        return last;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetGpuInstancePossiblePlacements(
        NvmlDevice device, uint profileId, out IReadOnlyList<NvmlPlacement> placements)
    {
        placements = [];
        var f = (delegate* unmanaged<nint, uint, nvmlPlacement_t*, uint*, int>)_library.Find(
            "nvmlDeviceGetGpuInstancePossiblePlacements_v2");
        if (f == null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        uint count = 0;
        var status = (NvmlStatus)f(device.Value, profileId, null, &count);
        if (status != NvmlStatus.Success || count == 0)
        {
            return status;
        }

        var buffer = new nvmlPlacement_t[count];
        fixed (nvmlPlacement_t* start = buffer)
        {
            status = (NvmlStatus)f(device.Value, profileId, start, &count);
        }

        placements = status == NvmlStatus.Success
            ? [.. buffer.Take((int)count).Select(p => new NvmlPlacement(p.start, p.size))]
            : [];
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetGpuInstanceRemainingCapacity(NvmlDevice device, uint profileId, out uint count) =>
        GetCount("nvmlDeviceGetGpuInstanceRemainingCapacity", device.Value, profileId, out count);

    /// <inheritdoc/>
    public NvmlStatus DeviceCreateGpuInstanceWithPlacement(
        NvmlDevice device, uint profileId, NvmlPlacement placement, out NvmlGpuInstanceHandle instance)
    {
        nint handle = 0;
        var raw = new nvmlPlacement_t { start = placement.Start, size = placement.Size };
        var f = (delegate* unmanaged<nint, uint, nvmlPlacement_t*, nint*, int>)_library.Find(
            "nvmlDeviceCreateGpuInstanceWithPlacement");
        var status = f == null ? NvmlStatus.FunctionNotFound : (NvmlStatus)f(device.Value, profileId, &raw, &handle);
        instance = new NvmlGpuInstanceHandle(handle);
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetGpuInstances(
        NvmlDevice device, uint profileId, uint capacity, out IReadOnlyList<NvmlGpuInstanceHandle> instances)
    {
        var status = GetHandles("nvmlDeviceGetGpuInstances", device.Value, profileId, capacity, out var handles);
        instances = [.. handles.Select(h => new NvmlGpuInstanceHandle(h))];
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetGpuInstanceById(NvmlDevice device, uint id, out NvmlGpuInstanceHandle instance)
    {
        var status = GetHandle("nvmlDeviceGetGpuInstanceById", device.Value, id, out var handle);
        instance = new NvmlGpuInstanceHandle(handle);
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus GpuInstanceGetInfo(NvmlGpuInstanceHandle instance, out NvmlGpuInstanceInfo info)
    {
        nvmlGpuInstanceInfo_t raw = default;
        var f = (delegate* unmanaged<nint, nvmlGpuInstanceInfo_t*, int>)_library.Find("nvmlGpuInstanceGetInfo");
        var status = f == null ? NvmlStatus.FunctionNotFound : (NvmlStatus)f(instance.Value, &raw);
        info = new NvmlGpuInstanceInfo(raw.id, raw.profileId, new NvmlPlacement(raw.placement.start, raw.placement.size));
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus GpuInstanceDestroy(NvmlGpuInstanceHandle instance) =>
        Destroy("nvmlGpuInstanceDestroy", instance.Value);

    /// <inheritdoc/>
    public NvmlStatus GpuInstanceGetComputeInstanceProfileInfo(
        NvmlGpuInstanceHandle instance, uint slot, out NvmlComputeInstanceProfile profile)
    {
        const uint SharedEngines = 0;
        profile = default;
        var named = (delegate* unmanaged<nint, uint, uint, void*, int>)_library.Find(
            "nvmlGpuInstanceGetComputeInstanceProfileInfoV");
        var v2 = new nvmlComputeInstanceProfileInfo_v2_t { version = nvmlComputeInstanceProfileInfo_v2_t.Version };
        if (named != null && (NvmlStatus)named(instance.Value, slot, SharedEngines, &v2) == NvmlStatus.Success)
        {
            profile = Profile(v2.info, Text((byte*)&v2.name, 96));
            return NvmlStatus.Success;
        }

        nvmlComputeInstanceProfileInfo_t raw = default;
        var plain = (delegate* unmanaged<nint, uint, uint, nvmlComputeInstanceProfileInfo_t*, int>)_library.Find(
            "nvmlGpuInstanceGetComputeInstanceProfileInfo");
        var status = plain == null
            ? NvmlStatus.FunctionNotFound
            : (NvmlStatus)plain(instance.Value, slot, SharedEngines, &raw);
        profile = Profile(raw, "");
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus GpuInstanceGetComputeInstanceRemainingCapacity(
        NvmlGpuInstanceHandle instance, uint profileId, out uint count) =>
        GetCount("nvmlGpuInstanceGetComputeInstanceRemainingCapacity", instance.Value, profileId, out count);

    /// <inheritdoc/>
    public NvmlStatus GpuInstanceCreateComputeInstance(
        NvmlGpuInstanceHandle instance, uint profileId, out NvmlComputeInstanceHandle computeInstance)
    {
        var status = GetHandle("nvmlGpuInstanceCreateComputeInstance", instance.Value, profileId, out var handle);
        computeInstance = new NvmlComputeInstanceHandle(handle);
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus GpuInstanceGetComputeInstances(
        NvmlGpuInstanceHandle instance, uint profileId, uint capacity,
        out IReadOnlyList<NvmlComputeInstanceHandle> computeInstances)
    {
        var status = GetHandles(
            "nvmlGpuInstanceGetComputeInstances", instance.Value, profileId, capacity, out var handles);
        computeInstances = [.. handles.Select(h => new NvmlComputeInstanceHandle(h))];
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus ComputeInstanceGetInfo(
        NvmlComputeInstanceHandle computeInstance, out NvmlComputeInstanceInfo info)
    {
        nvmlComputeInstanceInfo_t raw = default;
        var f = (delegate* unmanaged<nint, nvmlComputeInstanceInfo_t*, int>)_library.Find("nvmlComputeInstanceGetInfo_v2");
        var status = f == null ? NvmlStatus.FunctionNotFound : (NvmlStatus)f(computeInstance.Value, &raw);
        info = new NvmlComputeInstanceInfo(
            raw.id, raw.profileId, new NvmlPlacement(raw.placement.start, raw.placement.size));
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus ComputeInstanceDestroy(NvmlComputeInstanceHandle computeInstance) =>
        Destroy("nvmlComputeInstanceDestroy", computeInstance.Value);

    private static NvmlComputeInstanceProfile Profile(nvmlComputeInstanceProfileInfo_t info, string name) =>
        new(info.id, name, info.sliceCount, info.instanceCount, info.multiprocessorCount);

    /// <remarks>Source: facts/nvml.md 6: a wrong version word of a profile struct gives INVALID_ARGUMENT.</remarks>
    private static bool IsOtherVersion(NvmlStatus status) =>
        status is NvmlStatus.InvalidArgument or NvmlStatus.ArgumentVersionMismatch;

    private NvmlStatus Destroy(string name, nint handle)
    {
        var f = (delegate* unmanaged<nint, int>)_library.Find(name);
        return f == null ? NvmlStatus.FunctionNotFound : (NvmlStatus)f(handle);
    }

    private NvmlStatus GetCount(string name, nint handle, uint profileId, out uint count)
    {
        uint value = 0;
        var f = (delegate* unmanaged<nint, uint, uint*, int>)_library.Find(name);
        var status = f == null ? NvmlStatus.FunctionNotFound : (NvmlStatus)f(handle, profileId, &value);
        count = value;
        return status;
    }

    private NvmlStatus GetHandle(string name, nint handle, uint argument, out nint found)
    {
        nint value = 0;
        var f = (delegate* unmanaged<nint, uint, nint*, int>)_library.Find(name);
        var status = f == null ? NvmlStatus.FunctionNotFound : (NvmlStatus)f(handle, argument, &value);
        found = value;
        return status;
    }

    /// <summary>Lists without a size check in the library: the buffer has twice the room that the profile allows.</summary>
    private NvmlStatus GetHandles(string name, nint handle, uint profileId, uint capacity, out IReadOnlyList<nint> found)
    {
        found = [];
        var f = (delegate* unmanaged<nint, uint, nint*, uint*, int>)_library.Find(name);
        if (f == null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        var buffer = new nint[Math.Max(capacity * 2, 16)];
        uint count = 0;
        NvmlStatus status;
        fixed (nint* start = buffer)
        {
            status = (NvmlStatus)f(handle, profileId, start, &count);
        }

        found = status == NvmlStatus.Success ? buffer[..(int)Math.Min(count, (uint)buffer.Length)] : [];
        return status;
    }
}
