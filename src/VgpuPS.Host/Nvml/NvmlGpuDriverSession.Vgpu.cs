
namespace VgpuPS.Host.Nvml;

internal sealed partial class NvmlGpuDriverSession
{
    private const uint MixedSizesCapability = 2;
    private const uint ArrOff = 1;
    private const uint ArrOn = 2;
    private const byte PermanentExpiry = 4;

    // NVML_VGPU_CAP_MULTI_VGPU_EXCLUSIVE.
    private const uint MultiVgpuExclusive = 2;

    public VgpuType? FindType(PciAddress gpu, VgpuTypeId type)
    {
        var device = Find(gpu);
        return GetSupported(device, gpu).Contains(type.Value) ? GetType(device, gpu, type.Value) : null;
    }

    public IReadOnlyList<VgpuType> GetTypes(PciAddress gpu)
    {
        var device = Find(gpu);
        return [.. GetSupported(device, gpu).Order().Select(type => GetType(device, gpu, type))];
    }

    public IReadOnlyList<VgpuTypeId> GetCreatableTypes(PciAddress gpu)
    {
        Check(api.DeviceGetCreatableVgpus(Find(gpu), out var types), "nvmlDeviceGetCreatableVgpus", gpu);
        return [.. types.Select(type => new VgpuTypeId(type)).Order()];
    }

    public IReadOnlyList<ActiveVgpu> GetActiveVgpus(PciAddress gpu)
    {
        var status = api.DeviceGetActiveVgpus(Find(gpu), out var handles);

        // A driver that offers no vGPUs has none.
        if (status == NvmlStatus.NotSupported)
        {
            return [];
        }

        Check(status, "nvmlDeviceGetActiveVgpus", gpu);
        return [.. handles.Order().Select(handle => ReadActive(handle, gpu)).OfType<ActiveVgpu>()];
    }

    public VgpuGuestState? FindGuestState(PciAddress gpu, ActiveVgpu vgpu)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        var version = api.VgpuInstanceGetVmDriverVersion(vgpu.Handle, out var text);
        if (version == NvmlStatus.NotFound)
        {
            return null;
        }

        var isUp = version == NvmlStatus.Success && text is not ("" or "Not Available");
        var used = api.VgpuInstanceGetFbUsage(vgpu.Handle, out var bytes) == NvmlStatus.Success;
        return new VgpuGuestState(
            isUp ? text : null,
            api.VgpuInstanceGetLicenseInfo(vgpu.Handle, out var license) == NvmlStatus.Success
                ? ToLicense(license) : null,
            used ? (long)(bytes / BytesPerMiB) : null);
    }

    public IReadOnlyList<int> GetProcesses(PciAddress gpu) =>
        api.DeviceGetComputeRunningProcesses(Find(gpu), out var processes) == NvmlStatus.Success
            ? [.. processes.Select(process => (int)process).Order()]
            : [];

    private static VgpuLicense ToLicense(NvmlVgpuLicense license) => new(
        license.State <= (uint)VgpuLicenseState.Licensed ? (VgpuLicenseState)license.State : VgpuLicenseState.Unknown,
        license.Expiry, license.ExpiryStatus == PermanentExpiry);

    private IReadOnlyList<uint> GetSupported(NvmlDevice device, PciAddress gpu) => Once(_supported, gpu, () =>
    {
        Check(api.DeviceGetSupportedVgpus(device, out var types), "nvmlDeviceGetSupportedVgpus", gpu);
        return types;
    });

    private VgpuType GetType(NvmlDevice device, PciAddress gpu, uint type) =>
        Once(_types, (gpu, type), () => ReadType(device, gpu, type));

    private VgpuType ReadType(NvmlDevice device, PciAddress gpu, uint type)
    {
        var target = $"{gpu} type {type}";
        NvmlStatusMapping.ThrowIfFailed(api.VgpuTypeGetName(type, out var name), "nvmlVgpuTypeGetName", target);
        NvmlStatusMapping.ThrowIfFailed(
            api.VgpuTypeGetFramebufferSize(type, out var bytes), "nvmlVgpuTypeGetFramebufferSize", target);
        var typeClass = api.VgpuTypeGetClass(type, out var text) == NvmlStatus.Success ? text : "";
        var perGpu = api.VgpuTypeGetMaxInstances(device, type, out var count) == NvmlStatus.Success ? (int)count : 0;
        return new VgpuType(
            new VgpuTypeId(type), name, typeClass, (long)(bytes / BytesPerMiB), perGpu,
            GetMaxPerGpuInstance(type, target), GetProfile(type, target))
        {
            MaxPerVm = api.VgpuTypeGetMaxInstancesPerVm(type, out var perVm) == NvmlStatus.Success ? (int)perVm : 0,
            IsExclusiveInVm =
                api.VgpuTypeGetCapability(type, MultiVgpuExclusive, out var exclusive) == NvmlStatus.Success
                && exclusive != 0,
            License = api.VgpuTypeGetLicense(type, out var license) == NvmlStatus.Success ? license : "",
        };
    }

    private ProfileId? GetProfile(uint type, string target)
    {
        var status = api.VgpuTypeGetGpuInstanceProfileId(type, out var profile);
        if (status is NvmlStatus.NotSupported or NvmlStatus.FunctionNotFound)
        {
            return null;
        }

        NvmlStatusMapping.ThrowIfFailed(status, "nvmlVgpuTypeGetGpuInstanceProfileId", target);
        return profile == NoId ? null : new ProfileId(profile);
    }

    private int? GetMaxPerGpuInstance(uint type, string target)
    {
        var status = api.VgpuTypeGetMaxInstancesPerGpuInstance(type, out var count);

        // The header lists all three for types and drivers that know no such maximum.
        if (status is NvmlStatus.FunctionNotFound or NvmlStatus.NotSupported or NvmlStatus.InvalidArgument)
        {
            return null;
        }

        NvmlStatusMapping.ThrowIfFailed(status, "nvmlVgpuTypeGetMaxInstancesPerGpuInstance", target);
        return (int)count;
    }

    // Null for a vGPU whose VM ended between the list and this.
    private ActiveVgpu? ReadActive(uint vgpu, PciAddress gpu)
    {
        var target = $"{gpu} vGPU {vgpu}";
        var type = api.VgpuInstanceGetType(vgpu, out var typeId);
        var instance = api.VgpuInstanceGetGpuInstanceId(vgpu, out var instanceId);
        if (type == NvmlStatus.NotFound || instance == NvmlStatus.NotFound)
        {
            return null;
        }

        NvmlStatusMapping.ThrowIfFailed(type, "nvmlVgpuInstanceGetType", target);
        NvmlStatusMapping.ThrowIfFailed(instance, "nvmlVgpuInstanceGetGpuInstanceId", target);
        var vmUuid = api.VgpuInstanceGetVmId(vgpu, out var vmId) == NvmlStatus.Success ? vmId : "";
        var device = api.VgpuInstanceGetMdevUuid(vgpu, out var text) == NvmlStatus.Success
            && MdevUuid.TryParse(text, out var parsed) ? parsed : (MdevUuid?)null;
        return new ActiveVgpu(
            vgpu, new VgpuTypeId(typeId), vmUuid, device,
            instanceId == NoId ? null : new GpuInstanceId(instanceId));
    }

    public bool? GetMixedSizeMode(PciAddress gpu)
    {
        var status = api.DeviceGetVgpuHeterogeneousMode(Find(gpu), out var mode);
        if (status is NvmlStatus.FunctionNotFound or NvmlStatus.NotSupported)
        {
            return null;
        }

        Check(status, "nvmlDeviceGetVgpuHeterogeneousMode", gpu);
        return mode != 0;
    }

    public bool? CanMixSizes(PciAddress gpu)
    {
        var status = api.DeviceGetVgpuCapability(Find(gpu), MixedSizesCapability, out var result);
        if (status is NvmlStatus.FunctionNotFound or NvmlStatus.NotSupported or NvmlStatus.InvalidArgument)
        {
            return null;
        }

        Check(status, "nvmlDeviceGetVgpuCapabilities", gpu);
        return result != 0;
    }

    public void SetMixedSizeMode(PciAddress gpu, bool enabled) => Check(
        api.DeviceSetVgpuHeterogeneousMode(Find(gpu), enabled ? 1u : 0u), "nvmlDeviceSetVgpuHeterogeneousMode", gpu);

    public VgpuScheduler? GetScheduler(PciAddress gpu)
    {
        var status = api.DeviceGetVgpuSchedulerState(Find(gpu), out var state);
        if (status is NvmlStatus.FunctionNotFound or NvmlStatus.NotSupported)
        {
            return null;
        }

        Check(status, "nvmlDeviceGetVgpuSchedulerState", gpu);
        return new VgpuScheduler(
            ToPolicy(state.Policy), state.TimesliceNs,
            state.ArrMode switch { ArrOff => false, ArrOn => true, _ => null });
    }

    public VgpuSchedulerLimits? GetSchedulerLimits(PciAddress gpu)
    {
        var status = api.DeviceGetVgpuSchedulerCapabilities(Find(gpu), out var limits);
        if (status is NvmlStatus.FunctionNotFound or NvmlStatus.NotSupported)
        {
            return null;
        }

        Check(status, "nvmlDeviceGetVgpuSchedulerCapabilities", gpu);
        return limits is null ? null : new VgpuSchedulerLimits(
            [.. limits.Policies.Select(ToPolicy).OfType<SchedulerPolicy>()],
            limits.MinTimesliceNs, limits.MaxTimesliceNs);
    }

    /// <remarks>
    /// Source: facts/nvml.md 5: a slice counts only with adaptive round robin off. That mode 0 with a slice of 0 means
    /// the driver's own choice is assumed, from the header's words "or the default value otherwise".
    /// </remarks>
    public void SetScheduler(PciAddress gpu, SchedulerPolicy policy, long? timesliceNanoseconds)
    {
        var state = new NvmlVgpuScheduler(
            ToNumber(policy), timesliceNanoseconds is null ? 0 : ArrOff, (uint)(timesliceNanoseconds ?? 0), 0, 0);
        Check(api.DeviceSetVgpuSchedulerState(Find(gpu), state), "nvmlDeviceSetVgpuSchedulerState", gpu);
    }

    private static SchedulerPolicy? ToPolicy(uint number) => number switch
    {
        1 => SchedulerPolicy.BestEffort,
        2 => SchedulerPolicy.EqualShare,
        3 => SchedulerPolicy.FixedShare,
        _ => null,
    };

    private static uint ToNumber(SchedulerPolicy policy) => policy switch
    {
        SchedulerPolicy.BestEffort => 1,
        SchedulerPolicy.EqualShare => 2,
        SchedulerPolicy.FixedShare => 3,
        _ => throw new ArgumentOutOfRangeException(nameof(policy), policy, null),
    };
}
