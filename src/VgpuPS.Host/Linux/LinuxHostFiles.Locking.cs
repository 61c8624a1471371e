using System.Runtime.InteropServices;
using VgpuPS.Host.Seams;

namespace VgpuPS.Host.Linux;

public sealed partial class LinuxHostFiles
{
    /// <inheritdoc/>
    public IHostFileLock? TryLock(string path, int mode)
    {
        while (true)
        {
            var fd = OpenFile(path, Libc.ReadWrite | Libc.Create, mode);
            var result = Retry(() => Libc.Lock(fd, Libc.LockExclusiveNonBlocking));
            if (result != 0)
            {
                var errno = Marshal.GetLastPInvokeError();
                _ = Libc.Close(fd);
                return errno == Errno.EAGAIN ? null : throw new HostFileException("flock", path, errno);
            }

            if (IsStillNamed(fd, path))
            {
                return new LinuxFileLock(fd, path);
            }

            _ = Libc.Close(fd);
        }
    }

    /// <summary>
    /// Whether the path still names the open file: somebody may have replaced it between open and flock, and a lock on a
    /// nameless file excludes nobody. Closes the file when that cannot be told.
    /// </summary>
    private bool IsStillNamed(int fd, string path)
    {
        try
        {
            var held = Stat(fd, "", EmptyPath, path);
            var named = GetInfo(path);
            return named is not null && held is not null && named.Inode == held.Inode
                && named.DeviceMajor == held.DeviceMajor && named.DeviceMinor == held.DeviceMinor;
        }
        catch (HostFileException)
        {
            _ = Libc.Close(fd);
            throw;
        }
    }
}
