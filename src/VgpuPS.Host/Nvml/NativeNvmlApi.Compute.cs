using VgpuPS.Host.Nvml.Native;
using VgpuPS.Host.Seams;

namespace VgpuPS.Host.Nvml;

public sealed unsafe partial class NativeNvmlApi
{
    private const uint SharedEngines = 0;

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
                third.id, Text(new ReadOnlySpan<byte>(third.name, NameSize)), third.sliceCount, third.instanceCount,
                third.multiprocessorCount);
            return status;
        }

        nvmlComputeInstanceProfileInfo_v2_t second = default;
        second.version = nvmlComputeInstanceProfileInfo_v2_t.VersionWord;
        status = ReadComputeProfile("nvmlGpuInstanceGetComputeInstanceProfileInfoV", instance, slot, ref second);
        if (!IsFormUnknown(status))
        {
            profile = new NvmlComputeInstanceProfile(
                second.id, Text(new ReadOnlySpan<byte>(second.name, NameSize)), second.sliceCount,
                second.instanceCount, second.multiprocessorCount);
            return status;
        }

        nvmlComputeInstanceProfileInfo_t first = default;
        status = OfLastForm(
            ReadComputeProfile("nvmlGpuInstanceGetComputeInstanceProfileInfo", instance, slot, ref first), status);
        profile = new NvmlComputeInstanceProfile(
            first.id, string.Empty, first.sliceCount, first.instanceCount, first.multiprocessorCount);
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus GpuInstanceGetComputeInstanceRemainingCapacity(
        NvmlGpuInstanceHandle instance, uint profileId, out uint count)
    {
        count = 0;
        return ReadOf("nvmlGpuInstanceGetComputeInstanceRemainingCapacity", instance.Value, profileId, ref count);
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
