using System.Globalization;
using System.Text;
using VgpuPS.Core.Guests;
using VgpuPS.Host.Seams;

namespace VgpuPS.Host.Proxmox;

public sealed partial class ProxmoxGuestHost
{
    private const int CommandLineLimit = 4 * 1024 * 1024;
    private const int LocksLimit = 16 * 1024 * 1024;

    /// <summary>Whether the process of the VM's pid file is that VM's QEMU; a dead or reused process id is not.</summary>
    /// <param name="vm">The VM.</param>
    /// <remarks>Source: facts/proxmox.md (a), (e); an empty command line is a zombie's, which holds no device.</remarks>
    public bool IsRunning(VmId vm) =>
        TryRead(ProxmoxPaths.PidFile(vm), SmallLimit, "The pid file") is { } text
        && int.TryParse(
            Encoding.ASCII.GetString(text).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
        && IsLiveQemu(pid, vm);

    /// <summary>Whether somebody holds the flock on the VM's configuration; it is looked up, never taken.</summary>
    /// <param name="vm">The VM.</param>
    /// <remarks>Source: facts/proxmox.md (a); proc_locks(5): a line with an arrow waits, one without holds.</remarks>
    public bool IsLocked(VmId vm)
    {
        var lockFiles = ProxmoxPaths.ConfigLocks(vm).Select(TryFind).OfType<HostFileInfo>().ToList();
        return lockFiles.Count > 0
            && TryRead(ProxmoxPaths.KernelLocks, LocksLimit, "The kernel's list of locks") is { } text
            && FileLock.Read(text).Any(held =>
                held is { Kind: "FLOCK", IsWaiting: false } && lockFiles.Any(file => IsSameFile(held, file)));
    }

    /// <summary>Whether <c>qm reboot</c> has asked for the VM to be started again.</summary>
    /// <param name="vm">The VM.</param>
    public bool IsRebooting(VmId vm) => TryFind(ProxmoxPaths.RebootRequest(vm)) is not null;

    private static bool IsSameFile(FileLock held, HostFileInfo file) =>
        (held.DeviceMajor, held.DeviceMinor, held.Inode) == (file.DeviceMajor, file.DeviceMinor, file.Inode);

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
