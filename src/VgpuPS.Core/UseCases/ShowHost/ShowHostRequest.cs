namespace VgpuPS.Core.UseCases.ShowHost;

/// <summary>Asks what is on the host.</summary>
/// <param name="DriverMayBeMissing">
/// Whether a host whose GPU driver does not answer is reported as such, without its GPUs, instead of being a failure.
/// </param>
public sealed record ShowHostRequest(bool DriverMayBeMissing = false);
