namespace VgpuPS.Host.Operations.Inventory;

/// <summary>Requests the nodes of the host's cluster.</summary>
public sealed record ReadClusterRequest;
