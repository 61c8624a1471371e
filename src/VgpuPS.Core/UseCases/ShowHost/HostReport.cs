namespace VgpuPS.Core.UseCases.ShowHost;

/// <summary>What is on a host's GPUs and which VMs use it.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="DriverVersion">Version of the GPU driver.</param>
/// <param name="Gpus">GPUs that the driver has, ascending address.</param>
/// <param name="Vms">All VMs configured on the node, ascending number.</param>
/// <param name="Claims">The hook's claims, ascending VM and entry.</param>
/// <param name="Reservations">Proxmox's reservations, ascending function.</param>
public sealed record HostReport(
    string Node,
    string DriverVersion,
    IReadOnlyList<GpuReport> Gpus,
    IReadOnlyList<VmReport> Vms,
    IReadOnlyList<ClaimReport> Claims,
    IReadOnlyList<ReservationReport> Reservations);
