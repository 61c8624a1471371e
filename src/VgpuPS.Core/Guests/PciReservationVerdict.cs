namespace VgpuPS.Core.Guests;

/// <summary>Whether a VM may have a function as far as reservations are concerned.</summary>
/// <param name="Holder">The other VM that holds it; null when it may be had.</param>
/// <param name="Error">Proxmox's refusal, or null.</param>
/// <param name="Warning">Proxmox's remark that it takes over what was left behind, or null.</param>
public sealed record PciReservationVerdict(VmId? Holder, string? Error, string? Warning);
