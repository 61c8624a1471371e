namespace VgpuPS.Core.Proxmox;

/// <summary>Keys of a VM's configuration to set and to delete, at once.</summary>
/// <param name="Values">New values by key.</param>
/// <param name="Deletions">Keys to delete.</param>
/// <param name="Digest">Digest of the configuration that the change was decided on; null to change it whatever it
/// is.</param>
public sealed record VmConfigChange(
    IReadOnlyDictionary<string, string> Values, IReadOnlyList<string> Deletions, string? Digest);
