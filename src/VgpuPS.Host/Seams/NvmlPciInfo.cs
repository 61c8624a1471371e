namespace VgpuPS.Host.Seams;

/// <summary>PCI identity of a GPU.</summary>
/// <param name="BusId">Address as NVML prints it, with an 8-digit domain.</param>
/// <param name="DeviceId">(device id &lt;&lt; 16) | vendor id.</param>
/// <param name="SubsystemId">(subsystem device &lt;&lt; 16) | subsystem vendor.</param>
/// <remarks>Source: nvml.h, nvmlPciInfo_t.</remarks>
public readonly record struct NvmlPciInfo(string BusId, uint DeviceId, uint SubsystemId);
