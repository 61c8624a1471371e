namespace VgpuPS.Core.UseCases.ShowCluster;

/// <summary>Asks for the nodes of the host's cluster.</summary>
public sealed record ShowClusterRequest;
