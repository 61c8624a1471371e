namespace VgpuPS.LabHook;

/// <summary>How a task of Proxmox on a simulated host ended.</summary>
/// <param name="Error">Proxmox's text; null when the task was OK.</param>
/// <param name="Log">What hookscripts printed, line by line.</param>
public sealed record LabVmResult(string? Error, IReadOnlyList<string> Log);
