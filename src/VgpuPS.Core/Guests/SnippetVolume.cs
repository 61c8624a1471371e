namespace VgpuPS.Core.Guests;

/// <summary>Where a volume id of a snippet leads to, or Proxmox's refusal.</summary>
/// <param name="Path">Path of the file, which need not exist; null with an error.</param>
/// <param name="IsListed">Whether the storage has the content type snippets switched on; Proxmox runs a hookscript
/// from it either way, but neither lists nor uploads one.</param>
/// <param name="Error">Why Proxmox would not run it as hookscript, or null.</param>
public sealed record SnippetVolume(string? Path, bool IsListed, string? Error);
