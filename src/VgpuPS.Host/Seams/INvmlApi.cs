namespace VgpuPS.Host.Seams;

/// <summary>
/// NVML, one method a function, raw status back. A function that the installed library does not export gives
/// <see cref="NvmlStatus.FunctionNotFound"/>; a missing library gives <see cref="NvmlStatus.LibraryNotFound"/> from
/// <see cref="Init"/>. Out values mean something only with <see cref="NvmlStatus.Success"/> unless said otherwise.
/// </summary>
/// <remarks>Source: nvml.h as in facts/nvml.md 3; the counting calls there are folded into one that returns a list.</remarks>
public partial interface INvmlApi
{
    /// <summary>nvmlInit_v2. Counted by the library.</summary>
    NvmlStatus Init();

    /// <summary>nvmlShutdown.</summary>
    NvmlStatus Shutdown();

    /// <summary>nvmlSystemGetDriverVersion.</summary>
    NvmlStatus SystemGetDriverVersion(out string version);

    /// <summary>nvmlDeviceGetCount_v2.</summary>
    NvmlStatus DeviceGetCount(out uint count);

    /// <summary>nvmlDeviceGetHandleByIndex_v2.</summary>
    NvmlStatus DeviceGetHandleByIndex(uint index, out NvmlDevice device);

    /// <summary>nvmlDeviceGetHandleByPciBusId_v2; takes sysfs and NVML forms and attaches that GPU only.</summary>
    NvmlStatus DeviceGetHandleByPciBusId(string busId, out NvmlDevice device);

    /// <summary>nvmlDeviceGetPciInfo_v3.</summary>
    NvmlStatus DeviceGetPciInfo(NvmlDevice device, out NvmlPciInfo info);

    /// <summary>nvmlDeviceGetUUID.</summary>
    NvmlStatus DeviceGetUuid(NvmlDevice device, out string uuid);

    /// <summary>nvmlDeviceGetName.</summary>
    NvmlStatus DeviceGetName(NvmlDevice device, out string name);

    /// <summary>nvmlDeviceGetMemoryInfo.</summary>
    NvmlStatus DeviceGetMemoryInfo(NvmlDevice device, out NvmlMemory memory);

    /// <summary>nvmlDeviceGetComputeRunningProcesses_v3: process ids only.</summary>
    NvmlStatus DeviceGetComputeRunningProcesses(NvmlDevice device, out IReadOnlyList<uint> processIds);

    /// <summary>nvmlDeviceGetMigMode; modes are 0 off, 1 on.</summary>
    NvmlStatus DeviceGetMigMode(NvmlDevice device, out uint current, out uint pending);

    /// <summary>nvmlDeviceSetMigMode; both statuses count (facts/nvml.md 5).</summary>
    NvmlStatus DeviceSetMigMode(NvmlDevice device, uint mode, out NvmlStatus activationStatus);

    /// <summary>nvmlDeviceGetHostVgpuMode: 0 non-SR-IOV, 1 SR-IOV.</summary>
    NvmlStatus DeviceGetHostVgpuMode(NvmlDevice device, out uint mode);

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
