using System.Text;

namespace VgpuPS.Host.Proxmox;

public sealed partial class ProxmoxHost
{
    private const int CommandLineLimit = 4 * 1024 * 1024;
    private const int LocksLimit = 16 * 1024 * 1024;

    /// <summary>Whether the process of the VM's pid file is that VM's QEMU; a dead or reused process id is
    /// not.</summary>
    /// <param name="vm">The VM.</param>
    /// <remarks>Source: facts/proxmox.md (a), (e); an empty command line is a zombie's, which holds no
    /// device.</remarks>
    public bool IsRunning(VmId vm) => PidOf(vm) is not null;

    /// <summary>Process id of the VM's QEMU; null where <see cref="IsRunning"/> is false.</summary>
    /// <param name="vm">The VM.</param>
    public int? PidOf(VmId vm) =>
        TryRead(ProxmoxPaths.PidFile(vm), SmallLimit, "the pid file") is { } text
        && int.TryParse(
            Encoding.ASCII.GetString(text).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
        && IsLiveQemu(pid, vm)
            ? pid : null;

    /// <summary>
    /// Whether a process of root holds the flock on the VM's configuration, as every task of Proxmox does; it is looked
    /// up, never taken. Anybody who may read the file can take it, and would keep a VM's vGPU from being released.
    /// </summary>
    /// <param name="vm">The VM.</param>
    /// <remarks>Source: facts/proxmox.md (a); proc_locks(5): a line with an arrow waits, one without holds.</remarks>
    public bool IsLocked(VmId vm)
    {
        var lockFiles = ProxmoxPaths.ConfigLocks(vm).Select(TryFind).OfType<HostFileInfo>().ToList();
        return lockFiles.Count > 0
            && TryRead(ProxmoxPaths.KernelLocks, LocksLimit, "the kernel's list of locks") is { } text
            && FileLock.Read(text).Any(held =>
                held is { Kind: "FLOCK", IsWaiting: false } && lockFiles.Any(file => IsSameFile(held, file))
                && IsRoots(held.Pid) == true);
    }

    /// <summary>Whether <c>qm reboot</c> has requested the VM to be started again.</summary>
    /// <param name="vm">The VM.</param>
    public bool IsRebooting(VmId vm) => TryFind(ProxmoxPaths.RebootRequest(vm)) is not null;

    private static bool IsSameFile(FileLock held, HostFileInfo file) =>
        (held.DeviceMajor, held.DeviceMinor, held.Inode) == (file.DeviceMajor, file.DeviceMinor, file.Inode);

    /// <summary>Whether a process acts as root; null when there is none, or it cannot be determined.</summary>
    /// <remarks>Source: proc_pid_status(5): real, effective, saved and file system user id.</remarks>
    private bool? IsRoots(int pid)
    {
        const int Effective = 2;
        try
        {
            var line = pid <= 0
                ? null : Encoding.ASCII.GetString(files.Read(ProxmoxPaths.ProcessStatus(pid), SmallLimit))
                .Split('\n').FirstOrDefault(l => l.StartsWith("Uid:", StringComparison.Ordinal));
            return line?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
                .ElementAtOrDefault(Effective) is { } uid
                ? uid == "0" : null;
        }
        catch (HostFileException)
        {
            return null;
        }
    }

    private bool IsLiveQemu(int pid, VmId vm)
    {
        byte[] commandLine;
        try
        {
            commandLine = files.Read(ProxmoxPaths.CommandLine(pid), CommandLineLimit);
        }
        catch (HostFileException)
        {
            // The process is gone, or ends while it is read (ESRCH).
            return false;
        }

        // Anybody can wait for a stale pid file's number with such arguments; Proxmox runs QEMU as root.
        if (IsRoots(pid) == false)
        {
            return false;
        }

        var arguments = Encoding.UTF8.GetString(commandLine).Split('\0');
        for (var i = 0; i + 1 < arguments.Length; i++)
        {
            if ((arguments[i] == "-id" && arguments[i + 1] == vm.ToString())
                || (arguments[i] == "-pidfile"
                    && arguments[i + 1].EndsWith($"/qemu-server/{vm}.pid", StringComparison.Ordinal)))
            {
                return true;
            }
        }

        return false;
    }
}
