namespace VgpuPS.Core.Gpu;

/// <summary>What the guest makes of a running vGPU; each member is null where the driver does not report it.</summary>
/// <param name="DriverVersion">Version of the guest's driver; null until it is up.</param>
/// <param name="License">Its licence; null until the guest's driver is up.</param>
/// <param name="FramebufferUsedMiB">Frame buffer in use, in MiB.</param>
/// <remarks>Source: facts/nvml.md 5: <c>Not Available</c> and DRIVER_NOT_LOADED until the guest's driver is up.</remarks>
public sealed record VgpuGuestState(string? DriverVersion, VgpuLicense? License, long? FramebufferUsedMiB);
