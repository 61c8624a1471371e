namespace VgpuPS.Core.UseCases.ShowHost;

/// <summary>A cluster mapping of PCI devices, as far as the node goes.</summary>
/// <param name="Id">Its id.</param>
/// <param name="IsMediated">Whether it is marked for mediated devices, as vGPUs need.</param>
/// <param name="Functions">The node's functions, in the order in which Proxmox tries them.</param>
public sealed record MappingReport(string Id, bool IsMediated, IReadOnlyList<string> Functions);
