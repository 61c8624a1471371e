namespace VgpuPS.Host.Operations.Inventory;

/// <summary>The cluster as one of its nodes sees it.</summary>
/// <param name="Node">The node that was asked.</param>
/// <param name="Nodes">All nodes, by name; the one that was asked alone where there is no cluster.</param>
public sealed record ClusterReport(string Node, IReadOnlyList<ClusterNode> Nodes);

/// <summary>Requests the nodes of the host's cluster.</summary>
public sealed record ReadClusterRequest;
