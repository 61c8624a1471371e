namespace VgpuPS.Lab.Proxmox;

/// <summary>How a QEMU start went.</summary>
/// <param name="Pid">Process id when it runs; null when it gave up.</param>
/// <param name="ExitCode">Exit code when it gave up.</param>
/// <param name="Message">What it printed then.</param>
public sealed record LabQemuStart(int? Pid, int ExitCode, string Message);
