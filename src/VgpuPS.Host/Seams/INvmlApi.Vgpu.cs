namespace VgpuPS.Host.Seams;

public partial interface INvmlApi
{
    /// <summary>nvmlDeviceGetSupportedVgpus: all types of the GPU, in any state.</summary>
    NvmlStatus DeviceGetSupportedVgpus(NvmlDevice device, out IReadOnlyList<uint> typeIds);

    /// <summary>nvmlDeviceGetCreatableVgpus: the types that may be created now.</summary>
    NvmlStatus DeviceGetCreatableVgpus(NvmlDevice device, out IReadOnlyList<uint> typeIds);

    /// <summary>nvmlDeviceGetActiveVgpus: vGPUs of running VMs.</summary>
    NvmlStatus DeviceGetActiveVgpus(NvmlDevice device, out IReadOnlyList<uint> vgpuInstances);

    /// <summary>nvmlVgpuTypeGetName.</summary>
    NvmlStatus VgpuTypeGetName(uint typeId, out string name);

    /// <summary>nvmlVgpuTypeGetClass.</summary>
    NvmlStatus VgpuTypeGetClass(uint typeId, out string typeClass);

    /// <summary>nvmlVgpuTypeGetGpuInstanceProfileId; 0xFFFFFFFF for time-sliced types.</summary>
    NvmlStatus VgpuTypeGetGpuInstanceProfileId(uint typeId, out uint profileId);

    /// <summary>nvmlVgpuTypeGetFramebufferSize, bytes.</summary>
    NvmlStatus VgpuTypeGetFramebufferSize(uint typeId, out ulong bytes);

    /// <summary>nvmlVgpuTypeGetLicense.</summary>
    NvmlStatus VgpuTypeGetLicense(uint typeId, out string license);

    /// <summary>nvmlVgpuTypeGetMaxInstances, for this GPU.</summary>
    NvmlStatus VgpuTypeGetMaxInstances(NvmlDevice device, uint typeId, out uint count);

    /// <summary>nvmlVgpuTypeGetMaxInstancesPerVm.</summary>
    NvmlStatus VgpuTypeGetMaxInstancesPerVm(uint typeId, out uint count);

    /// <summary>nvmlVgpuTypeGetCapabilities.</summary>
    /// <remarks>Source: facts/nvml.md 2 (the numbers).</remarks>
    NvmlStatus VgpuTypeGetCapability(uint typeId, uint capability, out uint result);

    /// <summary>nvmlVgpuTypeGetMaxInstancesPerGpuInstance (since R575).</summary>
    NvmlStatus VgpuTypeGetMaxInstancesPerGpuInstance(uint typeId, out uint count);

    /// <summary>nvmlVgpuInstanceGetVmID: the UUID or domain id of the VM.</summary>
    NvmlStatus VgpuInstanceGetVmId(uint vgpuInstance, out string vmId);

    /// <summary>nvmlVgpuInstanceGetUUID.</summary>
    NvmlStatus VgpuInstanceGetUuid(uint vgpuInstance, out string uuid);

    /// <summary>nvmlVgpuInstanceGetMdevUUID; NotSupported with the vendor back end (assumed).</summary>
    NvmlStatus VgpuInstanceGetMdevUuid(uint vgpuInstance, out string uuid);

    /// <summary>nvmlVgpuInstanceGetType.</summary>
    NvmlStatus VgpuInstanceGetType(uint vgpuInstance, out uint typeId);

    /// <summary>nvmlVgpuInstanceGetGpuInstanceId; 0xFFFFFFFF for time-sliced vGPUs.</summary>
    NvmlStatus VgpuInstanceGetGpuInstanceId(uint vgpuInstance, out uint gpuInstanceId);

    /// <summary>nvmlVgpuInstanceGetPlacementId; 0xFFFF where none.</summary>
    NvmlStatus VgpuInstanceGetPlacementId(uint vgpuInstance, out uint placementId);

    /// <summary>nvmlVgpuInstanceGetFbUsage, bytes.</summary>
    NvmlStatus VgpuInstanceGetFbUsage(uint vgpuInstance, out ulong bytes);

    /// <summary>nvmlVgpuInstanceGetLicenseInfo_v2; DriverNotLoaded until the guest's driver is up.</summary>
    NvmlStatus VgpuInstanceGetLicenseInfo(uint vgpuInstance, out NvmlVgpuLicense license);

    /// <summary>nvmlVgpuInstanceGetVmDriverVersion; "Not Available" until the guest's driver is up.</summary>
    NvmlStatus VgpuInstanceGetVmDriverVersion(uint vgpuInstance, out string version);
}
