using VgpuPS.Core.Mig;
using VgpuPS.Core.Pci;
using VgpuPS.Host.Seams;

namespace VgpuPS.Host.Nvml;

internal sealed partial class NvmlGpuDriverSession
{
    public IReadOnlyList<ComputeInstanceProfile> GetComputeProfiles(PciAddress gpu, GpuInstanceId instance)
    {
        var handle = FindInstance(gpu, instance);
        Check(api.GpuInstanceGetInfo(handle, out var info), "nvmlGpuInstanceGetInfo", gpu);
        var found = EnumerateComputeProfiles(gpu, handle, info);
        var whole = found.Any(profile => profile.Name.Length == 0) ? GetInstanceShape(gpu, info) : default;
        return
        [
            .. found
                .Select(profile => new ComputeInstanceProfile(
                    new ComputeProfileId(profile.Id),
                    profile.Name.Length > 0
                        ? MigProfileNames.Strip(profile.Name)
                        : MigProfileNames.BuildCompute(profile.SliceCount, whole.Slices, whole.Name),
                    (int)profile.SliceCount, (int)profile.MultiprocessorCount, (int)profile.InstanceCount))
                .OrderBy(profile => profile.ComputeSlices)
                .ThenBy(profile => profile.Id),
        ];
    }

    public ComputeInstanceId? CreateComputeInstance(PciAddress gpu, GpuInstanceId instance, ComputeProfileId profile)
    {
        var target = $"{gpu} GI {instance} (compute profile {profile})";
        NvmlStatusMapping.ThrowIfFailed(
            api.GpuInstanceCreateComputeInstance(FindInstance(gpu, instance), profile.Value, out var handle),
            "nvmlGpuInstanceCreateComputeInstance", target);
        return api.ComputeInstanceGetInfo(handle, out var info) == NvmlStatus.Success
            ? new ComputeInstanceId(info.Id)
            : null;
    }

    public bool TryDestroyComputeInstance(
        PciAddress gpu, GpuInstanceId instance, ComputeInstanceId computeInstance)
    {
        var found = api.DeviceGetGpuInstanceById(Find(gpu), instance.Value, out var handle);
        if (found is NvmlStatus.NotFound or NvmlStatus.NotSupported)
        {
            return true;
        }

        var target = $"{gpu} GI {instance} CI {computeInstance}";
        NvmlStatusMapping.ThrowIfFailed(found, "nvmlDeviceGetGpuInstanceById", target);
        NvmlStatusMapping.ThrowIfFailed(api.GpuInstanceGetInfo(handle, out var info), "nvmlGpuInstanceGetInfo", target);
        foreach (var (compute, computeInfo) in EnumerateComputeInstances(gpu, handle, info))
        {
            if (computeInfo.Id == computeInstance.Value)
            {
                return IsDestroyed(api.ComputeInstanceDestroy(compute), "nvmlComputeInstanceDestroy", target);
            }
        }

        return true;
    }

    public int? GetRemainingComputeInstances(PciAddress gpu, GpuInstanceId instance, ComputeProfileId profile) => ToCount(
        api.GpuInstanceGetComputeInstanceRemainingCapacity(FindInstance(gpu, instance), profile.Value, out var count),
        count, "nvmlGpuInstanceGetComputeInstanceRemainingCapacity", $"{gpu} GI {instance} (compute profile {profile})");

    private List<ComputeInstance> GetComputeInstances(
        PciAddress gpu, NvmlGpuInstanceHandle handle, NvmlGpuInstanceInfo instance) =>
    [
        .. EnumerateComputeInstances(gpu, handle, instance)
            .Select(found => new ComputeInstance(
                new ComputeInstanceId(found.Info.Id), new ComputeProfileId(found.Info.ProfileId)))
            .DistinctBy(compute => compute.Id)
            .OrderBy(compute => compute.Id),
    ];

    private List<(NvmlComputeInstanceHandle Handle, NvmlComputeInstanceInfo Info)> EnumerateComputeInstances(
        PciAddress gpu, NvmlGpuInstanceHandle handle, NvmlGpuInstanceInfo instance)
    {
        var target = $"{gpu} GI {instance.Id}";
        var instances = new List<(NvmlComputeInstanceHandle, NvmlComputeInstanceInfo)>();
        foreach (var profile in EnumerateComputeProfiles(gpu, handle, instance))
        {
            var status = api.GpuInstanceGetComputeInstances(
                handle, profile.Id, profile.InstanceCount, out var computeInstances);
            if (status is NvmlStatus.NotSupported or NvmlStatus.NotFound)
            {
                continue;
            }

            NvmlStatusMapping.ThrowIfFailed(status, "nvmlGpuInstanceGetComputeInstances", target);
            foreach (var compute in computeInstances)
            {
                status = api.ComputeInstanceGetInfo(compute, out var info);
                if (status != NvmlStatus.NotFound)
                {
                    NvmlStatusMapping.ThrowIfFailed(status, "nvmlComputeInstanceGetInfo_v2", target);
                    instances.Add((compute, info));
                }
            }
        }

        return instances;
    }

    private IReadOnlyList<NvmlComputeInstanceProfile> EnumerateComputeProfiles(
        PciAddress gpu, NvmlGpuInstanceHandle handle, NvmlGpuInstanceInfo instance) => Once(
        _compute, (gpu, instance.ProfileId), () => ReadComputeProfiles(handle, $"{gpu} GI {instance.Id}"));

    private List<NvmlComputeInstanceProfile> ReadComputeProfiles(NvmlGpuInstanceHandle handle, string target)
    {
        var profiles = new List<NvmlComputeInstanceProfile>();
        for (var slot = 0u; slot < SlotLimit; slot++)
        {
            var status = api.GpuInstanceGetComputeInstanceProfileInfo(handle, slot, out var profile);
            if (status == NvmlStatus.InvalidArgument)
            {
                break;
            }

            if (status is not (NvmlStatus.NotSupported or NvmlStatus.FunctionNotFound or NvmlStatus.NotFound))
            {
                NvmlStatusMapping.ThrowIfFailed(status, "nvmlGpuInstanceGetComputeInstanceProfileInfoV", target);
                profiles.Add(profile);
            }
        }

        return profiles;
    }

    private NvmlGpuInstanceHandle FindInstance(PciAddress gpu, GpuInstanceId instance)
    {
        NvmlStatusMapping.ThrowIfFailed(
            api.DeviceGetGpuInstanceById(Find(gpu), instance.Value, out var handle),
            "nvmlDeviceGetGpuInstanceById", $"{gpu} GI {instance}");
        return handle;
    }

    private (uint Slices, string? Name) GetInstanceShape(PciAddress gpu, NvmlGpuInstanceInfo info)
    {
        var device = Find(gpu);
        foreach (var (slot, profile) in EnumerateProfiles(device, gpu))
        {
            if (profile.Id == info.ProfileId)
            {
                return (profile.SliceCount, GetName(device, gpu, slot, profile));
            }
        }

        return default;
    }
}
