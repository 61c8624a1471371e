namespace VgpuPS.LabHook;

/// <summary>Asks for a task of Proxmox on a simulated host.</summary>
/// <param name="VmId">The VM.</param>
public sealed record LabVmRequest(int VmId);
