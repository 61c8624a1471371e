using VgpuPS.Host.Nvml.Native;

namespace VgpuPS.Host.Nvml;

public sealed unsafe partial class NativeNvmlApi
{
    private const uint SharedEngines = 0;

    /// <inheritdoc/>
    public NvmlStatus DeviceGetGpuInstanceProfileInfo(
        NvmlDevice device, uint slot, out NvmlGpuInstanceProfile profile)
    {
        nvmlGpuInstanceProfileInfo_v3_t third = default;
        third.version = nvmlGpuInstanceProfileInfo_v3_t.VersionWord;
        var status = ReadOf("nvmlDeviceGetGpuInstanceProfileInfoV", device.Value, slot, ref third);
        if (IsAnswer(status))
        {
            profile = new NvmlGpuInstanceProfile(
                third.id, Text(third.name), third.sliceCount, third.instanceCount,
                third.multiprocessorCount, third.copyEngineCount, third.decoderCount, third.encoderCount,
                third.jpegCount, third.ofaCount, third.memorySizeMB);
            return status;
        }

        nvmlGpuInstanceProfileInfo_v2_t second = default;
        second.version = nvmlGpuInstanceProfileInfo_v2_t.VersionWord;
        status = ReadOf("nvmlDeviceGetGpuInstanceProfileInfoV", device.Value, slot, ref second);
        if (IsAnswer(status))
        {
            profile = new NvmlGpuInstanceProfile(
                second.id, Text(second.name), second.sliceCount,
                second.instanceCount, second.multiprocessorCount, second.copyEngineCount, second.decoderCount,
                second.encoderCount, second.jpegCount, second.ofaCount, second.memorySizeMB);
            return status;
        }

        nvmlGpuInstanceProfileInfo_t first = default;
        var oldest = ReadOf("nvmlDeviceGetGpuInstanceProfileInfo", device.Value, slot, ref first);
        profile = new NvmlGpuInstanceProfile(
            first.id, string.Empty, first.sliceCount, first.instanceCount, first.multiprocessorCount,
            first.copyEngineCount, first.decoderCount, first.encoderCount, first.jpegCount, first.ofaCount,
            first.memorySizeMB)
        {
            IsOldForm = oldest != NvmlStatus.FunctionNotFound,
        };
        return OfLastForm(oldest, status);

        // With MIG mode off the forms that have a name are not supported, and the first one may be.
        static bool IsAnswer(NvmlStatus status) => !IsFormUnknown(status) && status != NvmlStatus.NotSupported;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetGpuInstancePossiblePlacements(
        NvmlDevice device, uint profileId, out IReadOnlyList<NvmlPlacement> placements)
    {
        placements = [];
        var call = (delegate* unmanaged[Cdecl]<nint, uint, nvmlGpuInstancePlacement_t*, uint*, NvmlStatus>)
            _library.Export("nvmlDeviceGetGpuInstancePossiblePlacements_v2");
        if (call is null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        uint count = 0;
        var status = call(device.Value, profileId, null, &count);
        if (status != NvmlStatus.Success || count == 0)
        {
            return status;
        }

        var buffer = new nvmlGpuInstancePlacement_t[count];
        fixed (nvmlGpuInstancePlacement_t* first = buffer)
        {
            status = call(device.Value, profileId, first, &count);
        }

        if (status == NvmlStatus.Success)
        {
            placements = Array.ConvertAll(
                buffer[..(int)Math.Min(count, (uint)buffer.Length)],
                placement => new NvmlPlacement(placement.start, placement.size));
        }

        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceCreateGpuInstanceWithPlacement(
        NvmlDevice device, uint profileId, NvmlPlacement placement, out NvmlGpuInstanceHandle instance)
    {
        instance = default;
        var call = (delegate* unmanaged[Cdecl]<nint, uint, nvmlGpuInstancePlacement_t*, nint*, NvmlStatus>)
            _library.Export("nvmlDeviceCreateGpuInstanceWithPlacement");
        if (call is null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        nint handle = 0;
        nvmlGpuInstancePlacement_t native = default;
        native.start = placement.Start;
        native.size = placement.Size;
        var status = call(device.Value, profileId, &native, &handle);
        instance = new NvmlGpuInstanceHandle(handle);
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetGpuInstances(
        NvmlDevice device, uint profileId, uint capacity, out IReadOnlyList<NvmlGpuInstanceHandle> instances)
    {
        var status = ReadInstances(
            "nvmlDeviceGetGpuInstances", device.Value, profileId, capacity, out var handles);
        instances = Array.ConvertAll(handles, handle => new NvmlGpuInstanceHandle(handle));
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetGpuInstanceById(NvmlDevice device, uint id, out NvmlGpuInstanceHandle instance)
    {
        nint handle = 0;
        var status = ReadOf("nvmlDeviceGetGpuInstanceById", device.Value, id, ref handle);
        instance = new NvmlGpuInstanceHandle(handle);
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus GpuInstanceGetInfo(NvmlGpuInstanceHandle instance, out NvmlGpuInstanceInfo info)
    {
        nvmlGpuInstanceInfo_t native = default;
        var status = Read("nvmlGpuInstanceGetInfo", instance.Value, ref native);
        info = new NvmlGpuInstanceInfo(
            native.id, native.profileId, new NvmlPlacement(native.placement.start, native.placement.size));
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus GpuInstanceDestroy(NvmlGpuInstanceHandle instance) =>
        CallWith("nvmlGpuInstanceDestroy", instance.Value);

    /// <inheritdoc/>
    public NvmlStatus GpuInstanceGetComputeInstanceProfileInfo(
        NvmlGpuInstanceHandle instance, uint slot, out NvmlComputeInstanceProfile profile)
    {
        nvmlComputeInstanceProfileInfo_v3_t third = default;
        third.version = nvmlComputeInstanceProfileInfo_v3_t.VersionWord;
        var status = ReadComputeProfile(
            "nvmlGpuInstanceGetComputeInstanceProfileInfoV", instance, slot, ref third);
        if (!IsFormUnknown(status))
        {
            profile = new NvmlComputeInstanceProfile(
                third.id, Text(third.name), third.sliceCount, third.instanceCount,
                third.multiprocessorCount);
            return status;
        }

        nvmlComputeInstanceProfileInfo_v2_t second = default;
        second.version = nvmlComputeInstanceProfileInfo_v2_t.VersionWord;
        status = ReadComputeProfile("nvmlGpuInstanceGetComputeInstanceProfileInfoV", instance, slot, ref second);
        if (!IsFormUnknown(status))
        {
            profile = new NvmlComputeInstanceProfile(
                second.id, Text(second.name), second.sliceCount,
                second.instanceCount, second.multiprocessorCount);
            return status;
        }

        nvmlComputeInstanceProfileInfo_t first = default;
        var oldest = ReadComputeProfile("nvmlGpuInstanceGetComputeInstanceProfileInfo", instance, slot, ref first);
        profile = new NvmlComputeInstanceProfile(
            first.id, string.Empty, first.sliceCount, first.instanceCount, first.multiprocessorCount)
        {
            IsOldForm = oldest != NvmlStatus.FunctionNotFound,
        };
        return OfLastForm(oldest, status);
    }

    /// <inheritdoc/>
    public NvmlStatus GpuInstanceCreateComputeInstance(
        NvmlGpuInstanceHandle instance, uint profileId, out NvmlComputeInstanceHandle computeInstance)
    {
        nint handle = 0;
        var status = ReadOf("nvmlGpuInstanceCreateComputeInstance", instance.Value, profileId, ref handle);
        computeInstance = new NvmlComputeInstanceHandle(handle);
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus GpuInstanceGetComputeInstances(
        NvmlGpuInstanceHandle instance, uint profileId, uint capacity,
        out IReadOnlyList<NvmlComputeInstanceHandle> computeInstances)
    {
        var status = ReadInstances(
            "nvmlGpuInstanceGetComputeInstances", instance.Value, profileId, capacity, out var handles);
        computeInstances = Array.ConvertAll(handles, handle => new NvmlComputeInstanceHandle(handle));
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus ComputeInstanceGetInfo(
        NvmlComputeInstanceHandle computeInstance, out NvmlComputeInstanceInfo info)
    {
        nvmlComputeInstanceInfo_t native = default;
        var status = Read("nvmlComputeInstanceGetInfo_v2", computeInstance.Value, ref native);
        info = new NvmlComputeInstanceInfo(
            native.id, native.profileId, new NvmlPlacement(native.placement.start, native.placement.size));
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus ComputeInstanceDestroy(NvmlComputeInstanceHandle computeInstance) =>
        CallWith("nvmlComputeInstanceDestroy", computeInstance.Value);

    private NvmlStatus ReadComputeProfile<T>(string export, NvmlGpuInstanceHandle instance, uint slot, ref T info)
        where T : unmanaged
    {
        var call = (delegate* unmanaged[Cdecl]<nint, uint, uint, T*, NvmlStatus>)_library.Export(export);
        if (call is null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        fixed (T* target = &info)
        {
            return call(instance.Value, slot, SharedEngines, target);
        }
    }
}
