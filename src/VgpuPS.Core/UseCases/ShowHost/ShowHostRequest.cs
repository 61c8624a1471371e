namespace VgpuPS.Core.UseCases.ShowHost;

/// <summary>Asks what is on the host.</summary>
/// <param name="DriverMayBeMissing">
/// Whether a host whose GPU driver does not answer is reported as such, without its GPUs, instead of being a failure.
/// </param>
/// <param name="WithChoices">Whether mappings and storages are read too.</param>
public sealed record ShowHostRequest(bool DriverMayBeMissing = false, bool WithChoices = false);
