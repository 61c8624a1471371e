namespace VgpuPS.Lab.Proxmox;

/// <summary>What the simulated Proxmox needs of the machine below it: kernel and files, driver, clock, QEMU.</summary>
public interface ILabMachine
{
    /// <summary>Kernel files and ordinary files.</summary>
    IHostFiles Files { get; }

    /// <summary>Wall clock; it moves only on request, see <see cref="WaitAsync"/>.</summary>
    TimeProvider Clock { get; }

    /// <summary>Lets simulated time pass; other work on the machine may go on meanwhile.</summary>
    Task WaitAsync(TimeSpan time, CancellationToken cancellationToken);

    /// <summary>Types that may be created on a physical function now; null when NVML does not know it.</summary>
    IReadOnlyList<VgpuTypeId>? GetCreatableTypes(PciAddress physicalFunction);

    /// <summary>Starts QEMU with the devices of its command line; a pid file is the caller's work.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="arguments">
    /// <c>-id</c>, <c>-pidfile</c>, a <c>-device vfio-pci,…</c> per function or mediated device, <c>-incoming</c>,
    /// <c>-uuid</c>, and <c>-S</c> for one that starts paused.
    /// </param>
    /// <returns>The process id, or the exit code of a QEMU that gave up.</returns>
    LabQemuStart StartQemu(VmId vm, IReadOnlyList<string> arguments);

    /// <summary>Asks the QEMU of a VM to end; nothing happens when none runs.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="how">The way it is asked. A guest may ignore <see cref="LabQemuEnd.PowerDown"/>.</param>
    void EndQemu(VmId vm, LabQemuEnd how);

    /// <summary>Process id of the VM's live QEMU, a paused or incoming one included, or null.</summary>
    int? GetQemuPid(VmId vm);

    /// <summary>Runs a hookscript as Proxmox does: its arguments, its environment, its output captured.</summary>
    /// <param name="path">The script.</param>
    /// <param name="vm">First argument.</param>
    /// <param name="phase">Second argument.</param>
    /// <param name="migratedFrom">
    /// PVE_MIGRATED_FROM: empty in every start but that of a migration's target; null where it is not set.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<LabHookResult> RunHookAsync(
        string path, VmId vm, string phase, string? migratedFrom, CancellationToken cancellationToken);
}

/// <summary>How QEMU is asked to end.</summary>
public enum LabQemuEnd
{
    /// <summary>Monitor command <c>quit</c>.</summary>
    Quit,

    /// <summary>Monitor command <c>system_powerdown</c>: the guest may ignore it.</summary>
    PowerDown,

    /// <summary>SIGTERM.</summary>
    Terminate,

    /// <summary>SIGKILL, or a crash.</summary>
    Kill,

    /// <summary>The guest powers off by itself.</summary>
    GuestPowersOff,
}

/// <summary>How a QEMU start went.</summary>
/// <param name="Pid">Process id when it runs; null when it gave up.</param>
/// <param name="ExitCode">Exit code when it gave up.</param>
/// <param name="Message">What it printed then.</param>
public sealed record LabQemuStart(int? Pid, int ExitCode, string Message);

/// <summary>How a hookscript ended.</summary>
/// <param name="ExitCode">Exit code; null when it was ended by a signal or could not be executed.</param>
/// <param name="Signal">Signal that ended it; null otherwise.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error; what exec said when the script could not be executed.</param>
public sealed record LabHookResult(int? ExitCode, int? Signal, string Output, string Error)
{
    /// <summary>Whether it ended with 0.</summary>
    public bool Succeeded => ExitCode == 0;
}
