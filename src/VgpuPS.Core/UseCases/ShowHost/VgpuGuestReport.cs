namespace VgpuPS.Core.UseCases.ShowHost;

/// <summary>What the host's driver sees of the guest behind a running vGPU.</summary>
/// <param name="FramebufferUsedMiB">Frame buffer in use, in MiB; null when not told.</param>
/// <param name="DriverVersion">Version of the guest's driver; null until it is up.</param>
/// <param name="LicenseStatus">State of its licence, such as <c>Licensed</c>; null until its driver is up.</param>
/// <param name="LicenseExpiry">When its licence ends; null for none, a permanent one, or when not told.</param>
public sealed record VgpuGuestReport(
    long? FramebufferUsedMiB, string? DriverVersion, string? LicenseStatus, DateTimeOffset? LicenseExpiry);
