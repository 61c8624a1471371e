namespace VgpuPS.Core.UseCases.ShowHost;

/// <summary>Asks what is on the host.</summary>
public sealed record ShowHostRequest;
