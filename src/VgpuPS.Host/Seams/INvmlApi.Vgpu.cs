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

    /// <summary>nvmlVgpuInstanceGetMdevUUID; NotSupported with the vendor back end (assumed).</summary>
    NvmlStatus VgpuInstanceGetMdevUuid(uint vgpuInstance, out string uuid);

    /// <summary>nvmlVgpuInstanceGetType.</summary>
    NvmlStatus VgpuInstanceGetType(uint vgpuInstance, out uint typeId);

    /// <summary>nvmlVgpuInstanceGetGpuInstanceId; 0xFFFFFFFF for time-sliced vGPUs.</summary>
    NvmlStatus VgpuInstanceGetGpuInstanceId(uint vgpuInstance, out uint gpuInstanceId);

    /// <summary>nvmlVgpuInstanceGetFbUsage, bytes.</summary>
    NvmlStatus VgpuInstanceGetFbUsage(uint vgpuInstance, out ulong bytes);

    /// <summary>nvmlVgpuInstanceGetLicenseInfo_v2; DriverNotLoaded until the guest's driver is up.</summary>
    NvmlStatus VgpuInstanceGetLicenseInfo(uint vgpuInstance, out NvmlVgpuLicense license);

    /// <summary>nvmlVgpuInstanceGetVmDriverVersion; "Not Available" until the guest's driver is up.</summary>
    NvmlStatus VgpuInstanceGetVmDriverVersion(uint vgpuInstance, out string version);

    /// <summary>nvmlDeviceGetVgpuCapabilities: 0 no, else yes; 2 asks for mixed sizes of time-sliced vGPUs.</summary>
    NvmlStatus DeviceGetVgpuCapability(NvmlDevice device, uint capability, out uint result);

    /// <summary>nvmlDeviceGetVgpuHeterogeneousMode (mixed sizes): 0 off, 1 on.</summary>
    NvmlStatus DeviceGetVgpuHeterogeneousMode(NvmlDevice device, out uint mode);

    /// <summary>nvmlDeviceSetVgpuHeterogeneousMode.</summary>
    NvmlStatus DeviceSetVgpuHeterogeneousMode(NvmlDevice device, uint mode);

    /// <summary>nvmlDeviceGetVgpuSchedulerState.</summary>
    NvmlStatus DeviceGetVgpuSchedulerState(NvmlDevice device, out NvmlVgpuScheduler state);

    /// <summary>nvmlDeviceSetVgpuSchedulerState.</summary>
    NvmlStatus DeviceSetVgpuSchedulerState(NvmlDevice device, NvmlVgpuScheduler state);

    /// <summary>nvmlDeviceGetVgpuSchedulerCapabilities.</summary>
    NvmlStatus DeviceGetVgpuSchedulerCapabilities(NvmlDevice device, out NvmlVgpuSchedulerLimits? limits);
}

/// <summary>Licence of an active vGPU as the host sees it.</summary>
/// <param name="State">0 unknown, 1 uninitialised, 2 unlicensed unrestricted, 3 restricted, 4 unlicensed, 5
/// licensed.</param>
/// <param name="Expiry">Expiry in UTC, null when not applicable, permanent or unknown.</param>
/// <param name="ExpiryStatus">0 not available, 1 invalid, 2 valid, 3 not applicable, 4 permanent.</param>
/// <remarks>Source: nvml.h, nvmlVgpuLicenseInfo_t; facts/nvml.md 2.</remarks>
public readonly record struct NvmlVgpuLicense(uint State, DateTimeOffset? Expiry, byte ExpiryStatus);

/// <summary>Scheduler of a GPU's time-sliced vGPUs.</summary>
/// <param name="Policy">1 best effort, 2 equal share, 3 fixed share.</param>
/// <param name="ArrMode">Adaptive round robin: 0 default, 1 off, 2 on.</param>
/// <param name="TimesliceNs">Time slice in nanoseconds, where adaptive round robin is off.</param>
/// <param name="AverageFactor">Averaging factor, where it is on.</param>
/// <param name="FrequencyHz">Frequency in Hz, for setting, where it is on.</param>
/// <remarks>Source: nvml.h, nvmlVgpuSchedulerGetState_t, nvmlVgpuSchedulerSetState_t.</remarks>
public readonly record struct NvmlVgpuScheduler(
    uint Policy, uint ArrMode, uint TimesliceNs, uint AverageFactor, uint FrequencyHz);

/// <summary>Limits of a GPU's vGPU scheduler.</summary>
/// <param name="Policies">Supported policies.</param>
/// <param name="MinTimesliceNs">Shortest time slice in nanoseconds.</param>
/// <param name="MaxTimesliceNs">Longest time slice in nanoseconds.</param>
/// <param name="ArrSupported">Whether adaptive round robin can be switched.</param>
/// <param name="MinFrequencyHz">Lowest frequency in Hz.</param>
/// <param name="MaxFrequencyHz">Highest frequency in Hz.</param>
/// <param name="MinAverageFactor">Lowest averaging factor.</param>
/// <param name="MaxAverageFactor">Highest averaging factor.</param>
/// <remarks>Source: nvml.h, nvmlVgpuSchedulerCapabilities_t.</remarks>
public sealed record NvmlVgpuSchedulerLimits(
    IReadOnlyList<uint> Policies, uint MinTimesliceNs, uint MaxTimesliceNs, bool ArrSupported,
    uint MinFrequencyHz, uint MaxFrequencyHz, uint MinAverageFactor, uint MaxAverageFactor);
