namespace VgpuPS.Host.Seams;

/// <summary>
/// NVML, one method a function, raw status back. A function that the installed library does not export gives
/// <see cref="NvmlStatus.FunctionNotFound"/>; a missing library gives <see cref="NvmlStatus.LibraryNotFound"/> from
/// <see cref="Init"/>. Out values mean something only with <see cref="NvmlStatus.Success"/> unless said otherwise.
/// </summary>
/// <remarks>Source: nvml.h as in facts/nvml.md 3; the counting calls there are folded into one that returns a
/// list.</remarks>
public partial interface INvmlApi
{
    /// <summary>nvmlInit_v2. Counted by the library.</summary>
    NvmlStatus Init();

    /// <summary>nvmlShutdown.</summary>
    NvmlStatus Shutdown();

    /// <summary>Whether the installed library exports a function; calls nothing.</summary>
    /// <returns><see cref="NvmlStatus.Success"/> or <see cref="NvmlStatus.FunctionNotFound"/>.</returns>
    NvmlStatus Find(string function);

    /// <summary>nvmlSystemGetDriverVersion.</summary>
    NvmlStatus SystemGetDriverVersion(out string version);

    /// <summary>nvmlDeviceGetHandleByPciBusId_v2; takes sysfs and NVML forms and attaches that GPU only.</summary>
    NvmlStatus DeviceGetHandleByPciBusId(string busId, out NvmlDevice device);

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
}

/// <summary>Borrowed handle of a GPU; dies when the driver rebinds the GPU.</summary>
/// <param name="Value">The library's pointer.</param>
public readonly record struct NvmlDevice(nint Value);

/// <summary>Memory of a GPU in bytes.</summary>
/// <param name="Total">All of it.</param>
/// <param name="Free">Not allocated.</param>
/// <param name="Used">Allocated.</param>
/// <remarks>Source: nvml.h, nvmlMemory_t.</remarks>
public readonly record struct NvmlMemory(ulong Total, ulong Free, ulong Used);
