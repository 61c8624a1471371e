using VgpuPS.Host.Seams;

namespace VgpuPS.Benchmarks.Hook;

/// <summary>NVML with each call's time taken.</summary>
internal sealed partial class MeteredNvml(INvmlApi inner, SeamMeter meter) : INvmlApi
{
    public NvmlStatus Init()
    {
        using var call = meter.Enter(nameof(Init));
        return inner.Init();
    }

    public NvmlStatus Shutdown()
    {
        using var call = meter.Enter(nameof(Shutdown));
        return inner.Shutdown();
    }

    public NvmlStatus Find(string function) => inner.Find(function);

    public NvmlStatus SystemGetDriverVersion(out string version)
    {
        using var call = meter.Enter(nameof(SystemGetDriverVersion));
        return inner.SystemGetDriverVersion(out version);
    }

    public NvmlStatus DeviceGetHandleByPciBusId(string busId, out NvmlDevice device)
    {
        using var call = meter.Enter(nameof(DeviceGetHandleByPciBusId));
        return inner.DeviceGetHandleByPciBusId(busId, out device);
    }

    public NvmlStatus DeviceGetUuid(NvmlDevice device, out string uuid)
    {
        using var call = meter.Enter(nameof(DeviceGetUuid));
        return inner.DeviceGetUuid(device, out uuid);
    }

    public NvmlStatus DeviceGetName(NvmlDevice device, out string name)
    {
        using var call = meter.Enter(nameof(DeviceGetName));
        return inner.DeviceGetName(device, out name);
    }

    public NvmlStatus DeviceGetMemoryInfo(NvmlDevice device, out NvmlMemory memory)
    {
        using var call = meter.Enter(nameof(DeviceGetMemoryInfo));
        return inner.DeviceGetMemoryInfo(device, out memory);
    }

    public NvmlStatus DeviceGetComputeRunningProcesses(NvmlDevice device, out IReadOnlyList<uint> processIds)
    {
        using var call = meter.Enter(nameof(DeviceGetComputeRunningProcesses));
        return inner.DeviceGetComputeRunningProcesses(device, out processIds);
    }

    public NvmlStatus DeviceGetMigMode(NvmlDevice device, out uint current, out uint pending)
    {
        using var call = meter.Enter(nameof(DeviceGetMigMode));
        return inner.DeviceGetMigMode(device, out current, out pending);
    }

    public NvmlStatus DeviceSetMigMode(NvmlDevice device, uint mode, out NvmlStatus activationStatus)
    {
        using var call = meter.Enter(nameof(DeviceSetMigMode));
        return inner.DeviceSetMigMode(device, mode, out activationStatus);
    }

    public NvmlStatus DeviceGetVgpuCapability(NvmlDevice device, uint capability, out uint result)
    {
        using var call = meter.Enter(nameof(DeviceGetVgpuCapability));
        return inner.DeviceGetVgpuCapability(device, capability, out result);
    }

    public NvmlStatus DeviceGetVgpuHeterogeneousMode(NvmlDevice device, out uint mode)
    {
        using var call = meter.Enter(nameof(DeviceGetVgpuHeterogeneousMode));
        return inner.DeviceGetVgpuHeterogeneousMode(device, out mode);
    }

    public NvmlStatus DeviceSetVgpuHeterogeneousMode(NvmlDevice device, uint mode)
    {
        using var call = meter.Enter(nameof(DeviceSetVgpuHeterogeneousMode));
        return inner.DeviceSetVgpuHeterogeneousMode(device, mode);
    }

    public NvmlStatus DeviceGetVgpuSchedulerState(NvmlDevice device, out NvmlVgpuScheduler state)
    {
        using var call = meter.Enter(nameof(DeviceGetVgpuSchedulerState));
        return inner.DeviceGetVgpuSchedulerState(device, out state);
    }

    public NvmlStatus DeviceSetVgpuSchedulerState(NvmlDevice device, NvmlVgpuScheduler state)
    {
        using var call = meter.Enter(nameof(DeviceSetVgpuSchedulerState));
        return inner.DeviceSetVgpuSchedulerState(device, state);
    }

    public NvmlStatus DeviceGetVgpuSchedulerCapabilities(NvmlDevice device, out NvmlVgpuSchedulerLimits? limits)
    {
        using var call = meter.Enter(nameof(DeviceGetVgpuSchedulerCapabilities));
        return inner.DeviceGetVgpuSchedulerCapabilities(device, out limits);
    }

    public NvmlStatus DeviceGetGpuInstanceProfileInfo(
        NvmlDevice device, uint slot, out NvmlGpuInstanceProfile profile)
    {
        using var call = meter.Enter(nameof(DeviceGetGpuInstanceProfileInfo));
        return inner.DeviceGetGpuInstanceProfileInfo(device, slot, out profile);
    }

    public NvmlStatus DeviceGetGpuInstancePossiblePlacements(
        NvmlDevice device, uint profileId, out IReadOnlyList<NvmlPlacement> placements)
    {
        using var call = meter.Enter(nameof(DeviceGetGpuInstancePossiblePlacements));
        return inner.DeviceGetGpuInstancePossiblePlacements(device, profileId, out placements);
    }

    public NvmlStatus DeviceCreateGpuInstanceWithPlacement(
        NvmlDevice device, uint profileId, NvmlPlacement placement, out NvmlGpuInstanceHandle instance)
    {
        using var call = meter.Enter(nameof(DeviceCreateGpuInstanceWithPlacement));
        return inner.DeviceCreateGpuInstanceWithPlacement(device, profileId, placement, out instance);
    }

    public NvmlStatus DeviceGetGpuInstances(
        NvmlDevice device, uint profileId, uint capacity, out IReadOnlyList<NvmlGpuInstanceHandle> instances)
    {
        using var call = meter.Enter(nameof(DeviceGetGpuInstances));
        return inner.DeviceGetGpuInstances(device, profileId, capacity, out instances);
    }

    public NvmlStatus DeviceGetGpuInstanceById(NvmlDevice device, uint id, out NvmlGpuInstanceHandle instance)
    {
        using var call = meter.Enter(nameof(DeviceGetGpuInstanceById));
        return inner.DeviceGetGpuInstanceById(device, id, out instance);
    }

    public NvmlStatus GpuInstanceGetInfo(NvmlGpuInstanceHandle instance, out NvmlGpuInstanceInfo info)
    {
        using var call = meter.Enter(nameof(GpuInstanceGetInfo));
        return inner.GpuInstanceGetInfo(instance, out info);
    }

    public NvmlStatus GpuInstanceDestroy(NvmlGpuInstanceHandle instance)
    {
        using var call = meter.Enter(nameof(GpuInstanceDestroy));
        return inner.GpuInstanceDestroy(instance);
    }

    public NvmlStatus GpuInstanceGetComputeInstanceProfileInfo(
        NvmlGpuInstanceHandle instance, uint slot, out NvmlComputeInstanceProfile profile)
    {
        using var call = meter.Enter(nameof(GpuInstanceGetComputeInstanceProfileInfo));
        return inner.GpuInstanceGetComputeInstanceProfileInfo(instance, slot, out profile);
    }

    public NvmlStatus GpuInstanceCreateComputeInstance(
        NvmlGpuInstanceHandle instance, uint profileId, out NvmlComputeInstanceHandle computeInstance)
    {
        using var call = meter.Enter(nameof(GpuInstanceCreateComputeInstance));
        return inner.GpuInstanceCreateComputeInstance(instance, profileId, out computeInstance);
    }

    public NvmlStatus GpuInstanceGetComputeInstances(
        NvmlGpuInstanceHandle instance, uint profileId, uint capacity,
        out IReadOnlyList<NvmlComputeInstanceHandle> computeInstances)
    {
        using var call = meter.Enter(nameof(GpuInstanceGetComputeInstances));
        return inner.GpuInstanceGetComputeInstances(instance, profileId, capacity, out computeInstances);
    }

    public NvmlStatus ComputeInstanceGetInfo(
        NvmlComputeInstanceHandle computeInstance, out NvmlComputeInstanceInfo info)
    {
        using var call = meter.Enter(nameof(ComputeInstanceGetInfo));
        return inner.ComputeInstanceGetInfo(computeInstance, out info);
    }

    public NvmlStatus ComputeInstanceDestroy(NvmlComputeInstanceHandle computeInstance)
    {
        using var call = meter.Enter(nameof(ComputeInstanceDestroy));
        return inner.ComputeInstanceDestroy(computeInstance);
    }

    public NvmlStatus DeviceGetEccMode(NvmlDevice device, out uint current, out uint pending)
    {
        using var call = meter.Enter(nameof(DeviceGetEccMode));
        return inner.DeviceGetEccMode(device, out current, out pending);
    }

    public NvmlStatus VgpuInstanceGetMetadata(uint vgpuInstance, out byte[] metadata)
    {
        using var call = meter.Enter(nameof(VgpuInstanceGetMetadata));
        return inner.VgpuInstanceGetMetadata(vgpuInstance, out metadata);
    }

    public NvmlStatus DeviceGetVgpuMetadata(NvmlDevice device, out byte[] metadata)
    {
        using var call = meter.Enter(nameof(DeviceGetVgpuMetadata));
        return inner.DeviceGetVgpuMetadata(device, out metadata);
    }

    public NvmlStatus GetVgpuCompatibility(byte[] vgpu, byte[] pgpu, out uint states, out uint limits)
    {
        using var call = meter.Enter(nameof(GetVgpuCompatibility));
        return inner.GetVgpuCompatibility(vgpu, pgpu, out states, out limits);
    }

    public NvmlStatus GetVgpuVersion(out NvmlVersionRange supported, out NvmlVersionRange current)
    {
        using var call = meter.Enter(nameof(GetVgpuVersion));
        return inner.GetVgpuVersion(out supported, out current);
    }
}
