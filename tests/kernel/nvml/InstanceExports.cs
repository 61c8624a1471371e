using System.Runtime.InteropServices;
using VgpuPS.Host.Nvml.Native;
using VgpuPS.Host.Seams;

namespace VgpuPS.KernelBed.Nvml;

/// <summary>GPU instances.</summary>
/// <remarks>Source: facts/nvml.md 3.3, 4 and 6 (a wrong version word is an invalid argument here).</remarks>
internal static unsafe class InstanceExports
{
    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetGpuInstanceProfileInfo")]
    private static NvmlStatus Profile(nint device, uint slot, nvmlGpuInstanceProfileInfo_t* info) =>
        Read(device, slot, isNamed: false, found => *info = new nvmlGpuInstanceProfileInfo_t
        {
            id = found.Id,
            sliceCount = found.SliceCount,
            instanceCount = found.InstanceCount,
            multiprocessorCount = found.MultiprocessorCount,
            copyEngineCount = found.CopyEngineCount,
            decoderCount = found.DecoderCount,
            encoderCount = found.EncoderCount,
            jpegCount = found.JpegCount,
            ofaCount = found.OfaCount,
            memorySizeMB = found.MemoryMiB,
        });

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetGpuInstanceProfileInfoV")]
    private static NvmlStatus ProfileV(nint device, uint slot, uint* info) => *info switch
    {
        nvmlGpuInstanceProfileInfo_v3_t.VersionWord when StandIn.NewestForm >= 3 =>
            Read(device, slot, isNamed: true, found => Fill((nvmlGpuInstanceProfileInfo_v3_t*)info, found)),
        nvmlGpuInstanceProfileInfo_v2_t.VersionWord when StandIn.NewestForm >= 2 =>
            Read(device, slot, isNamed: true, found => Fill((nvmlGpuInstanceProfileInfo_v2_t*)info, found)),
        _ => NvmlStatus.InvalidArgument,
    };

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetGpuInstancePossiblePlacements_v2")]
    private static NvmlStatus Placements(
        nint device, uint profile, nvmlGpuInstancePlacement_t* placements, uint* count) => StandIn.Call(nvml =>
    {
        var status = nvml.DeviceGetGpuInstancePossiblePlacements(new NvmlDevice(device), profile, out var found);
        if (placements is null)
        {
            *count = (uint)found.Count;
            return status;
        }

        return Buffers.PutCounted(
            status, [.. found.Select(p => new nvmlGpuInstancePlacement_t { start = p.Start, size = p.Size })], count,
            placements);
    });

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceCreateGpuInstanceWithPlacement")]
    private static NvmlStatus Create(
        nint device, uint profile, nvmlGpuInstancePlacement_t* placement, nint* instance) => StandIn.Call(nvml =>
    {
        var status = nvml.DeviceCreateGpuInstanceWithPlacement(
            new NvmlDevice(device), profile, new NvmlPlacement(placement->start, placement->size), out var created);
        *instance = created.Value;
        return status;
    });

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetGpuInstances")]
    private static NvmlStatus All(nint device, uint profile, nint* instances, uint* count) => StandIn.Call(nvml =>
    {
        var status = nvml.DeviceGetGpuInstances(new NvmlDevice(device), profile, uint.MaxValue >> 1, out var found);
        return Buffers.PutAll(status, [.. found.Select(handle => handle.Value)], count, instances);
    });

    [UnmanagedCallersOnly(EntryPoint = "nvmlDeviceGetGpuInstanceById")]
    private static NvmlStatus ById(nint device, uint id, nint* instance) => StandIn.Call(nvml =>
    {
        var status = nvml.DeviceGetGpuInstanceById(new NvmlDevice(device), id, out var found);
        *instance = found.Value;
        return status;
    });

    [UnmanagedCallersOnly(EntryPoint = "nvmlGpuInstanceGetInfo")]
    private static NvmlStatus Info(nint instance, nvmlGpuInstanceInfo_t* info) => StandIn.Call(nvml =>
    {
        var status = nvml.GpuInstanceGetInfo(new NvmlGpuInstanceHandle(instance), out var found);
        *info = new nvmlGpuInstanceInfo_t { id = found.Id, profileId = found.ProfileId };
        (info->placement.start, info->placement.size) = (found.Placement.Start, found.Placement.Size);
        return status;
    });

    [UnmanagedCallersOnly(EntryPoint = "nvmlGpuInstanceDestroy")]
    private static NvmlStatus Destroy(nint instance) => StandIn.Call(
        nvml => nvml.GpuInstanceDestroy(new NvmlGpuInstanceHandle(instance)));

    /// <summary>The forms with a name are not supported where the simulated driver names nothing: with MIG mode
    /// off.</summary>
    private static NvmlStatus Read(
        nint device, uint slot, bool isNamed, Action<NvmlGpuInstanceProfile> fill) => StandIn.Call(nvml =>
    {
        var status = nvml.DeviceGetGpuInstanceProfileInfo(new NvmlDevice(device), slot, out var found);
        if (status == NvmlStatus.Success && isNamed && found.Name.Length == 0)
        {
            return NvmlStatus.NotSupported;
        }

        if (status == NvmlStatus.Success)
        {
            fill(found);
        }

        return status;
    });

    private static void Fill(nvmlGpuInstanceProfileInfo_v3_t* info, NvmlGpuInstanceProfile found)
    {
        (info->id, info->sliceCount, info->instanceCount) = (found.Id, found.SliceCount, found.InstanceCount);
        info->multiprocessorCount = found.MultiprocessorCount;
        (info->copyEngineCount, info->decoderCount) = (found.CopyEngineCount, found.DecoderCount);
        (info->encoderCount, info->jpegCount, info->ofaCount) = (found.EncoderCount, found.JpegCount, found.OfaCount);
        info->memorySizeMB = found.MemoryMiB;
        Buffers.Fill(info->name, found.Name);
    }

    private static void Fill(nvmlGpuInstanceProfileInfo_v2_t* info, NvmlGpuInstanceProfile found)
    {
        (info->id, info->sliceCount, info->instanceCount) = (found.Id, found.SliceCount, found.InstanceCount);
        info->multiprocessorCount = found.MultiprocessorCount;
        (info->copyEngineCount, info->decoderCount) = (found.CopyEngineCount, found.DecoderCount);
        (info->encoderCount, info->jpegCount, info->ofaCount) = (found.EncoderCount, found.JpegCount, found.OfaCount);
        info->memorySizeMB = found.MemoryMiB;
        Buffers.Fill(info->name, found.Name);
    }
}
