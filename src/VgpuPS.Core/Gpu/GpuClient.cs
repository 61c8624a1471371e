namespace VgpuPS.Core.Gpu;

/// <summary>A program that has a GPU open.</summary>
/// <param name="Pid">Its process id.</param>
/// <param name="Program">Its name; empty where it is unknown.</param>
/// <param name="Unit">Its systemd unit, such as <c>nvidia-persistenced.service</c>; null for none.</param>
/// <param name="Vm">The VM whose QEMU it is; null when it is none.</param>
public sealed record GpuClient(int Pid, string Program, string? Unit, int? Vm)
{
    /// <summary>For display: <c>process 812 nv-hostengine (nvidia-dcgm.service)</c>.</summary>
    public string Text => Vm is { } vm ? $"VM {vm} (process {Pid})"
        : $"process {Pid}{(Program.Length > 0 ? " " + Program : "")}{(Unit is null ? "" : $" ({Unit})")}";

    /// <summary>What ends it, as a command.</summary>
    public string StopCommand => Vm is { } vm
        ? $"qm shutdown {vm}" : Unit is null ? $"kill {Pid}" : $"systemctl stop {Unit}";
}
