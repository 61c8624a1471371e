namespace VgpuPS.Core.UseCases.ShowHost;

/// <summary>What is on a host's GPUs, for people.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="DriverVersion">Version of the GPU driver.</param>
/// <param name="Lines">The report, one line each, GPUs ascending.</param>
public sealed record HostReport(string Node, string DriverVersion, IReadOnlyList<string> Lines);
