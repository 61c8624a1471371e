namespace VgpuPS.Core.UseCases.ShowHost;

/// <summary>A VM's hold on a function, in Proxmox's own file.</summary>
/// <param name="Function">The function.</param>
/// <param name="VmId">The VM.</param>
/// <param name="IsHeld">Whether it still counts.</param>
public sealed record ReservationReport(string Function, int VmId, bool IsHeld);
