namespace VgpuPS.Lab.Proxmox;

/// <summary>A <c>die</c> of Proxmox: caught, warned about or reported where Proxmox does so.</summary>
internal sealed class ProxmoxFailure(string message) : Exception(message);
