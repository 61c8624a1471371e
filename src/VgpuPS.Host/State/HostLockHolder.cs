using System.Text;
using System.Text.RegularExpressions;
using VgpuPS.Core.Rows;

namespace VgpuPS.Host.State;

/// <summary>Says who holds the host lock, without taking it: who looks keeps nobody waiting.</summary>
/// <param name="files">The host's files.</param>
public sealed partial class HostLockHolder(IHostFiles files)
{
    private const string KernelLocks = "/proc/locks";
    private const int TextLimit = 4096;
    private const int LocksLimit = 16 << 20;

    /// <summary>The holder; null where the lock is free, or that cannot be seen.</summary>
    /// <remarks>
    /// Source: proc_locks(5). The file's text stays when the lock is released, so the kernel is asked first. Who shares
    /// it reads measurements, and is not named in the file.
    /// </remarks>
    public LockHolderInfo? Find()
    {
        try
        {
            if (files.GetInfo(StatePaths.Lock) is not { } file
                || FileLock.Read(files.Read(KernelLocks, LocksLimit)).FirstOrDefault(
                    held => held is { Kind: "FLOCK", IsWaiting: false, IsShared: false }
                        && (held.DeviceMajor, held.DeviceMinor, held.Inode)
                            == (file.DeviceMajor, file.DeviceMinor, file.Inode)) is not { } taken)
            {
                return null;
            }

            var said = Said().Match(Encoding.UTF8.GetString(files.Read(StatePaths.Lock, TextLimit)).Split('\n')[0]);
            return new LockHolderInfo(
                Number(said.Groups["pid"]) ?? (taken.Pid > 0 ? taken.Pid : null), Number(said.Groups["vm"]),
                said.Success ? said.Groups["work"].Value : "unknown",
                DateTime.TryParse(
                    said.Groups["since"].Value, CultureInfo.InvariantCulture,
                    DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var since) ? since : null);
        }
        catch (HostFileException)
        {
            return null;
        }
    }

    private static int? Number(Group group) =>
        int.TryParse(group.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    // As HostLockFile writes it: pid 4711: VM 101 pre-start since 2026-01-05T08:00:03Z.
    [GeneratedRegex(@"^pid (?<pid>\d+): (?:VM (?<vm>\d+) )?(?<work>.+?) since (?<since>\S+)$")]
    private static partial Regex Said();
}
