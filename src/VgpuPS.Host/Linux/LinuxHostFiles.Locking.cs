using System.Runtime.InteropServices;
using System.Text;

namespace VgpuPS.Host.Linux;

/// <summary>A flock that is held; a program may inherit it and keep it beyond our end.</summary>
/// <remarks>
/// Source: flock(2): the lock belongs to the open file description, which a child's duplicate shares, so it ends when
/// the last of them is closed.
/// </remarks>
internal sealed unsafe class LinuxFileLock(int fd, string path) : IHostFileLock
{
    private int _closed;

    /// <summary>The open descriptor that carries the lock.</summary>
    /// <exception cref="ObjectDisposedException">Released already: the number may belong to another file
    /// now.</exception>
    public int Descriptor
    {
        get
        {
            ObjectDisposedException.ThrowIf(_closed != 0, this);
            return fd;
        }
    }

    public void WriteHolder(string text)
    {
        if (Libc.Truncate(Descriptor, 0) != 0)
        {
            throw LinuxHostFiles.Failure("ftruncate", path);
        }

        var bytes = Encoding.UTF8.GetBytes(text);
        fixed (byte* start = bytes)
        {
            var written = Libc.WriteAt(Descriptor, start, bytes.Length, 0);
            if (written < 0)
            {
                throw LinuxHostFiles.Failure("write", path);
            }

            if (written != bytes.Length)
            {
                throw new HostFileException("write", path, Errno.ENOSPC);
            }
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
        {
            _ = Libc.Close(fd);
        }
    }
}

public sealed partial class LinuxHostFiles
{
    /// <inheritdoc/>
    public IHostFileLock? TryLock(string path, int mode) => TryLock(path, mode, Libc.LockExclusiveNonBlocking);

    /// <inheritdoc/>
    public IHostFileLock? TryShareLock(string path, int mode) => TryLock(path, mode, Libc.LockSharedNonBlocking);

    private LinuxFileLock? TryLock(string path, int mode, int operation)
    {
        while (true)
        {
            var fd = OpenFile(path, Libc.ReadWrite | Libc.Create, mode);
            var result = Retry(() => Libc.Lock(fd, operation));
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
    /// Whether the path still names the open file: another program may have replaced it between open and flock, and a
    /// lock on a
    /// nameless file excludes no one. Closes the file when that is unknown.
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
