namespace VgpuPS.Host.Nvml;

internal sealed partial class NvmlGpuDriverSession
{
    // Without one of these an instance that was made could not be read back, or not be destroyed again.
    private static readonly string[] s_instanceFunctions =
    [
        "nvmlDeviceGetGpuInstances", "nvmlDeviceGetGpuInstanceById", "nvmlGpuInstanceGetInfo", "nvmlGpuInstanceDestroy",
        "nvmlGpuInstanceCreateComputeInstance", "nvmlGpuInstanceGetComputeInstances", "nvmlComputeInstanceGetInfo_v2",
        "nvmlComputeInstanceDestroy",
    ];

    public IReadOnlyList<GpuInstanceProfile> GetProfiles(PciAddress gpu)
    {
        var device = Find(gpu);
        return Once(_profiles, gpu, () => ReadProfiles(device, gpu));
    }

    private IReadOnlyList<GpuInstanceProfile> ReadProfiles(NvmlDevice device, PciAddress gpu)
    {
        var profiles = new List<GpuInstanceProfile>();
        foreach (var (slot, profile) in EnumerateProfiles(device, gpu))
        {
            profiles.Add(new GpuInstanceProfile(
                new ProfileId(profile.Id), GetName(device, gpu, slot, profile),
                (int)profile.SliceCount, (long)profile.MemoryMiB, (int)profile.MultiprocessorCount,
                (int)profile.InstanceCount,
                new EngineCounts(
                    (int)profile.CopyEngineCount, (int)profile.DecoderCount, (int)profile.EncoderCount,
                    (int)profile.JpegCount, (int)profile.OfaCount),
                GetPlacements(device, gpu, profile.Id))
            {
                IsNameBuilt = profile.Name.Length == 0,
            });
        }

        return profiles;
    }

    public IReadOnlyList<GpuInstance> GetInstances(PciAddress gpu)
    {
        var device = Find(gpu);
        var instances = new SortedDictionary<GpuInstanceId, GpuInstance>();
        foreach (var (_, profile) in EnumerateProfiles(device, gpu))
        {
            var status = api.DeviceGetGpuInstances(device, profile.Id, profile.InstanceCount, out var handles);
            if (status == NvmlStatus.NotSupported)
            {
                continue;
            }

            Check(status, "nvmlDeviceGetGpuInstances", gpu);
            foreach (var handle in handles)
            {
                if (Read(handle, gpu) is { } instance)
                {
                    instances[instance.Id] = instance;
                }
            }
        }

        return [.. instances.Values];
    }

    public GpuInstanceId? CreateInstance(PciAddress gpu, ProfileId profile, Placement placement)
    {
        RequireInstanceFunctions(gpu);
        var wanted = new NvmlPlacement((uint)placement.Start, (uint)placement.Size);
        var target = $"{gpu} (profile {profile} at {placement})";
        NvmlStatusMapping.ThrowIfFailed(
            api.DeviceCreateGpuInstanceWithPlacement(Find(gpu), profile.Value, wanted, out var handle),
            "nvmlDeviceCreateGpuInstanceWithPlacement", target);

        // The caller reads back by placement: an instance that cannot be named is that reading's to judge.
        return api.GpuInstanceGetInfo(handle, out var info) == NvmlStatus.Success ? new GpuInstanceId(info.Id) : null;
    }

    private void RequireInstanceFunctions(PciAddress gpu)
    {
        foreach (var function in s_instanceFunctions)
        {
            Check(api.Find(function), function, gpu);
        }
    }

    public bool TryDestroyInstance(PciAddress gpu, GpuInstanceId instance)
    {
        var found = api.DeviceGetGpuInstanceById(Find(gpu), instance.Value, out var handle);
        if (found is NvmlStatus.NotFound or NvmlStatus.NotSupported)
        {
            return true;
        }

        var target = $"{gpu} GI {instance}";
        NvmlStatusMapping.ThrowIfFailed(found, "nvmlDeviceGetGpuInstanceById", target);
        return IsDestroyed(api.GpuInstanceDestroy(handle), "nvmlGpuInstanceDestroy", target);
    }

    private static bool IsDestroyed(NvmlStatus status, string function, string target)
    {
        if (status == NvmlStatus.InUse)
        {
            return false;
        }

        if (status != NvmlStatus.NotFound)
        {
            NvmlStatusMapping.ThrowIfFailed(status, function, target);
        }

        return true;
    }

    private GpuInstance? Read(NvmlGpuInstanceHandle handle, PciAddress gpu)
    {
        var status = api.GpuInstanceGetInfo(handle, out var info);
        if (status == NvmlStatus.NotFound)
        {
            return null;
        }

        Check(status, "nvmlGpuInstanceGetInfo", gpu);
        return new GpuInstance(
            new GpuInstanceId(info.Id), new ProfileId(info.ProfileId),
            new Placement((int)info.Placement.Start, (int)info.Placement.Size),
            GetComputeInstances(gpu, handle, info));
    }

    private IReadOnlyList<(uint Slot, NvmlGpuInstanceProfile Profile)> EnumerateProfiles(
        NvmlDevice device, PciAddress gpu) => Once(_slots, gpu, () => ReadSlots(device, gpu));

    private List<(uint Slot, NvmlGpuInstanceProfile Profile)> ReadSlots(NvmlDevice device, PciAddress gpu)
    {
        var profiles = new List<(uint, NvmlGpuInstanceProfile)>();
        for (var slot = 0u; slot < SlotLimit; slot++)
        {
            var status = api.DeviceGetGpuInstanceProfileInfo(device, slot, out var profile);
            if (status == NvmlStatus.InvalidArgument)
            {
                break;
            }

            if (status is NvmlStatus.NotSupported or NvmlStatus.FunctionNotFound)
            {
                continue;
            }

            Check(
                status,
                profile.IsOldForm ? "nvmlDeviceGetGpuInstanceProfileInfo" : "nvmlDeviceGetGpuInstanceProfileInfoV",
                gpu);
            profiles.Add((slot, profile));
        }

        return profiles;
    }

    private IReadOnlyList<Placement> GetPlacements(NvmlDevice device, PciAddress gpu, uint profileId)
    {
        var status = api.DeviceGetGpuInstancePossiblePlacements(device, profileId, out var placements);
        if (status == NvmlStatus.NotSupported)
        {
            return [];
        }

        Check(status, "nvmlDeviceGetGpuInstancePossiblePlacements_v2", gpu);
        return [.. placements.Select(p => new Placement((int)p.Start, (int)p.Size)).Order()];
    }

    private string GetName(NvmlDevice device, PciAddress gpu, uint slot, NvmlGpuInstanceProfile profile)
    {
        if (profile.Name.Length > 0)
        {
            return MigProfileNames.Strip(profile.Name);
        }

        Check(api.DeviceGetMemoryInfo(device, out var memory), "nvmlDeviceGetMemoryInfo", gpu);
        return MigProfileNames.Build(slot, profile.SliceCount, profile.MemoryMiB, memory.Total);
    }

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
                    (int)profile.SliceCount, (int)profile.MultiprocessorCount))
                .OrderBy(profile => profile.ComputeSlices)
                .ThenBy(profile => profile.Id),
        ];
    }

    public ComputeInstanceId? CreateComputeInstance(PciAddress gpu, GpuInstanceId instance, ComputeProfileId profile)
    {
        RequireInstanceFunctions(gpu);
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
                NvmlStatusMapping.ThrowIfFailed(
                    status,
                    profile.IsOldForm ? "nvmlGpuInstanceGetComputeInstanceProfileInfo"
                        : "nvmlGpuInstanceGetComputeInstanceProfileInfoV",
                    target);
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
