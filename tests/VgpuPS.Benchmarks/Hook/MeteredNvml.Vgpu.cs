using VgpuPS.Host.Seams;

namespace VgpuPS.Benchmarks.Hook;

internal sealed partial class MeteredNvml
{
    public NvmlStatus DeviceGetSupportedVgpus(NvmlDevice device, out IReadOnlyList<uint> typeIds)
    {
        using var call = meter.Enter(nameof(DeviceGetSupportedVgpus));
        return inner.DeviceGetSupportedVgpus(device, out typeIds);
    }

    public NvmlStatus DeviceGetCreatableVgpus(NvmlDevice device, out IReadOnlyList<uint> typeIds)
    {
        using var call = meter.Enter(nameof(DeviceGetCreatableVgpus));
        return inner.DeviceGetCreatableVgpus(device, out typeIds);
    }

    public NvmlStatus DeviceGetActiveVgpus(NvmlDevice device, out IReadOnlyList<uint> vgpuInstances)
    {
        using var call = meter.Enter(nameof(DeviceGetActiveVgpus));
        return inner.DeviceGetActiveVgpus(device, out vgpuInstances);
    }

    public NvmlStatus VgpuTypeGetName(uint typeId, out string name)
    {
        using var call = meter.Enter(nameof(VgpuTypeGetName));
        return inner.VgpuTypeGetName(typeId, out name);
    }

    public NvmlStatus VgpuTypeGetClass(uint typeId, out string typeClass)
    {
        using var call = meter.Enter(nameof(VgpuTypeGetClass));
        return inner.VgpuTypeGetClass(typeId, out typeClass);
    }

    public NvmlStatus VgpuTypeGetGpuInstanceProfileId(uint typeId, out uint profileId)
    {
        using var call = meter.Enter(nameof(VgpuTypeGetGpuInstanceProfileId));
        return inner.VgpuTypeGetGpuInstanceProfileId(typeId, out profileId);
    }

    public NvmlStatus VgpuTypeGetFramebufferSize(uint typeId, out ulong bytes)
    {
        using var call = meter.Enter(nameof(VgpuTypeGetFramebufferSize));
        return inner.VgpuTypeGetFramebufferSize(typeId, out bytes);
    }

    public NvmlStatus VgpuTypeGetLicense(uint typeId, out string license)
    {
        using var call = meter.Enter(nameof(VgpuTypeGetLicense));
        return inner.VgpuTypeGetLicense(typeId, out license);
    }

    public NvmlStatus VgpuTypeGetMaxInstances(NvmlDevice device, uint typeId, out uint count)
    {
        using var call = meter.Enter(nameof(VgpuTypeGetMaxInstances));
        return inner.VgpuTypeGetMaxInstances(device, typeId, out count);
    }

    public NvmlStatus VgpuTypeGetMaxInstancesPerVm(uint typeId, out uint count)
    {
        using var call = meter.Enter(nameof(VgpuTypeGetMaxInstancesPerVm));
        return inner.VgpuTypeGetMaxInstancesPerVm(typeId, out count);
    }

    public NvmlStatus VgpuTypeGetCapability(uint typeId, uint capability, out uint result)
    {
        using var call = meter.Enter(nameof(VgpuTypeGetCapability));
        return inner.VgpuTypeGetCapability(typeId, capability, out result);
    }

    public NvmlStatus VgpuTypeGetMaxInstancesPerGpuInstance(uint typeId, out uint count)
    {
        using var call = meter.Enter(nameof(VgpuTypeGetMaxInstancesPerGpuInstance));
        return inner.VgpuTypeGetMaxInstancesPerGpuInstance(typeId, out count);
    }

    public NvmlStatus VgpuInstanceGetVmId(uint vgpuInstance, out string vmId)
    {
        using var call = meter.Enter(nameof(VgpuInstanceGetVmId));
        return inner.VgpuInstanceGetVmId(vgpuInstance, out vmId);
    }

    public NvmlStatus VgpuInstanceGetMdevUuid(uint vgpuInstance, out string uuid)
    {
        using var call = meter.Enter(nameof(VgpuInstanceGetMdevUuid));
        return inner.VgpuInstanceGetMdevUuid(vgpuInstance, out uuid);
    }

    public NvmlStatus VgpuInstanceGetType(uint vgpuInstance, out uint typeId)
    {
        using var call = meter.Enter(nameof(VgpuInstanceGetType));
        return inner.VgpuInstanceGetType(vgpuInstance, out typeId);
    }

    public NvmlStatus VgpuInstanceGetGpuInstanceId(uint vgpuInstance, out uint gpuInstanceId)
    {
        using var call = meter.Enter(nameof(VgpuInstanceGetGpuInstanceId));
        return inner.VgpuInstanceGetGpuInstanceId(vgpuInstance, out gpuInstanceId);
    }

    public NvmlStatus VgpuInstanceGetFbUsage(uint vgpuInstance, out ulong bytes)
    {
        using var call = meter.Enter(nameof(VgpuInstanceGetFbUsage));
        return inner.VgpuInstanceGetFbUsage(vgpuInstance, out bytes);
    }

    public NvmlStatus VgpuInstanceGetLicenseInfo(uint vgpuInstance, out NvmlVgpuLicense license)
    {
        using var call = meter.Enter(nameof(VgpuInstanceGetLicenseInfo));
        return inner.VgpuInstanceGetLicenseInfo(vgpuInstance, out license);
    }

    public NvmlStatus VgpuInstanceGetVmDriverVersion(uint vgpuInstance, out string version)
    {
        using var call = meter.Enter(nameof(VgpuInstanceGetVmDriverVersion));
        return inner.VgpuInstanceGetVmDriverVersion(vgpuInstance, out version);
    }
}
