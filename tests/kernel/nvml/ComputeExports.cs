using System.Runtime.InteropServices;
using VgpuPS.Host.Nvml.Native;
using VgpuPS.Host.Seams;

namespace VgpuPS.KernelBed.Nvml;

/// <summary>Compute instances.</summary>
/// <remarks>Source: facts/nvml.md 3.4 and 4.</remarks>
internal static unsafe class ComputeExports
{
    [UnmanagedCallersOnly(EntryPoint = "nvmlGpuInstanceGetComputeInstanceProfileInfo")]
    private static NvmlStatus Profile(
        nint instance, uint slot, uint engines, nvmlComputeInstanceProfileInfo_t* info) =>
        Read(instance, slot, engines, found => *info = new nvmlComputeInstanceProfileInfo_t
        {
            id = found.Id,
            sliceCount = found.SliceCount,
            instanceCount = found.InstanceCount,
            multiprocessorCount = found.MultiprocessorCount,
        });

    [UnmanagedCallersOnly(EntryPoint = "nvmlGpuInstanceGetComputeInstanceProfileInfoV")]
    private static NvmlStatus ProfileV(nint instance, uint slot, uint engines, uint* info)
    {
        switch (*info)
        {
            case nvmlComputeInstanceProfileInfo_v3_t.VersionWord when StandIn.NewestForm >= 3:
                var third = (nvmlComputeInstanceProfileInfo_v3_t*)info;
                return Read(instance, slot, engines, found =>
                {
                    (third->id, third->sliceCount, third->instanceCount) =
                        (found.Id, found.SliceCount, found.InstanceCount);
                    third->multiprocessorCount = found.MultiprocessorCount;
                    Buffers.Fill(third->name, found.Name);
                });
            case nvmlComputeInstanceProfileInfo_v2_t.VersionWord when StandIn.NewestForm >= 2:
                var second = (nvmlComputeInstanceProfileInfo_v2_t*)info;
                return Read(instance, slot, engines, found =>
                {
                    (second->id, second->sliceCount, second->instanceCount) =
                        (found.Id, found.SliceCount, found.InstanceCount);
                    second->multiprocessorCount = found.MultiprocessorCount;
                    Buffers.Fill(second->name, found.Name);
                });
            default:
                return NvmlStatus.InvalidArgument;
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "nvmlGpuInstanceCreateComputeInstance")]
    private static NvmlStatus Create(nint instance, uint profile, nint* compute) => StandIn.Call(nvml =>
    {
        var status = nvml.GpuInstanceCreateComputeInstance(
            new NvmlGpuInstanceHandle(instance), profile, out var created);
        *compute = created.Value;
        return status;
    });

    [UnmanagedCallersOnly(EntryPoint = "nvmlGpuInstanceGetComputeInstances")]
    private static NvmlStatus All(nint instance, uint profile, nint* computes, uint* count) => StandIn.Call(nvml =>
    {
        var status = nvml.GpuInstanceGetComputeInstances(
            new NvmlGpuInstanceHandle(instance), profile, uint.MaxValue >> 1, out var found);
        return Buffers.PutAll(status, [.. found.Select(handle => handle.Value)], count, computes);
    });

    [UnmanagedCallersOnly(EntryPoint = "nvmlComputeInstanceGetInfo_v2")]
    private static NvmlStatus Info(nint compute, nvmlComputeInstanceInfo_t* info) => StandIn.Call(nvml =>
    {
        var status = nvml.ComputeInstanceGetInfo(new NvmlComputeInstanceHandle(compute), out var found);
        *info = new nvmlComputeInstanceInfo_t { id = found.Id, profileId = found.ProfileId };
        (info->placement.start, info->placement.size) = (found.Placement.Start, found.Placement.Size);
        return status;
    });

    [UnmanagedCallersOnly(EntryPoint = "nvmlComputeInstanceDestroy")]
    private static NvmlStatus Destroy(nint compute) => StandIn.Call(
        nvml => nvml.ComputeInstanceDestroy(new NvmlComputeInstanceHandle(compute)));

    private static NvmlStatus Read(nint instance, uint slot, uint engines, Action<NvmlComputeInstanceProfile> fill) =>
        StandIn.Call(nvml =>
        {
            var status = nvml.GpuInstanceGetComputeInstanceProfileInfo(
                new NvmlGpuInstanceHandle(instance), slot, out var found);
            if (status == NvmlStatus.Success && engines != 0)
            {
                return NvmlStatus.InvalidArgument;
            }

            if (status == NvmlStatus.Success)
            {
                fill(found);
            }

            return status;
        });
}
