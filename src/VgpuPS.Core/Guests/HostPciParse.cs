namespace VgpuPS.Core.Guests;

/// <summary>Outcome of reading one <c>hostpciN</c> value: an entry, or the reason why Proxmox drops the line.</summary>
/// <param name="Entry">The entry, or null.</param>
/// <param name="Error">Proxmox's text, which may have several lines; null when there is an entry.</param>
public sealed record HostPciParse(HostPciEntry? Entry, string? Error);
