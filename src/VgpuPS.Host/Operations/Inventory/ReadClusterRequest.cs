namespace VgpuPS.Host.Operations.Inventory;

/// <summary>Asks for the nodes of the host's cluster.</summary>
public sealed record ReadClusterRequest;
