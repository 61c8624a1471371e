namespace VgpuPS.Core.Proxmox;

/// <summary>A node of a Proxmox cluster.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">Its address in the cluster's network; null where unknown.</param>
/// <param name="IsOnline">Whether the cluster sees it.</param>
public sealed record ClusterNode(string Name, string? Address, bool IsOnline);
