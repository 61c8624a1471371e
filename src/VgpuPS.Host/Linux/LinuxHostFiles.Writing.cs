using System.Runtime.InteropServices;
using System.Text;

namespace VgpuPS.Host.Linux;

public sealed unsafe partial class LinuxHostFiles
{
    /// <inheritdoc/>
    public void WriteAttribute(string path, string value)
    {
        CallTrace.Note(path);
        var fd = Open(path, Libc.WriteOnly | Libc.TruncateExisting, 0);
        try
        {
            WriteOnce(fd, Encoding.UTF8.GetBytes(value), path);
        }
        finally
        {
            _ = Libc.Close(fd);
        }
    }

    /// <inheritdoc/>
    public void WriteWhole(string path, ReadOnlySpan<byte> content, int mode)
    {
        var directory = Path.GetDirectoryName(path)!;
        var temporary = TemporaryFiles.NameFor(path);
        TemporaryFiles.RemoveOrphaned(this, path);
        Delete(temporary);
        try
        {
            var fd = Open(temporary, Libc.WriteOnly | Libc.Create | Libc.Exclusive, mode);
            try
            {
                if (Libc.ChangeMode(fd, mode) != 0)
                {
                    throw Failure("fchmod", path);
                }

                WriteAll(fd, content, path);
                if (Libc.Sync(fd) != 0)
                {
                    throw Failure("fsync", path);
                }
            }
            finally
            {
                _ = Libc.Close(fd);
            }

            Rename(temporary, path);
        }
        catch
        {
            Delete(temporary);
            throw;
        }

        SyncDirectory(directory);
    }

    /// <inheritdoc/>
    public void Append(string path, ReadOnlySpan<byte> content, int mode)
    {
        var fd = OpenFile(path, Libc.WriteOnly | Libc.Create | Libc.Append, mode);
        try
        {
            WriteOnce(fd, content, path);
        }
        finally
        {
            _ = Libc.Close(fd);
        }
    }

    private void SyncDirectory(string directory)
    {
        var fd = Open(directory, Libc.ReadOnly, 0);
        try
        {
            if (Libc.Sync(fd) != 0 && Marshal.GetLastPInvokeError() != Errno.EINVAL)
            {
                throw Failure("fsync", directory);
            }
        }
        finally
        {
            _ = Libc.Close(fd);
        }
    }

    /// <summary>One write call; the kernel's attributes take a value whole or not at all.</summary>
    private static void WriteOnce(int fd, ReadOnlySpan<byte> content, string path)
    {
        fixed (byte* start = content)
        {
            nint written;
            do
            {
                written = Libc.Write(fd, start, content.Length);
            }
            while (written < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);

            if (written < 0)
            {
                throw Failure("write", path);
            }

            if (written != content.Length)
            {
                throw new HostFileException("write", path, Errno.ENOSPC);
            }
        }
    }

    private static void WriteAll(int fd, ReadOnlySpan<byte> content, string path)
    {
        while (content.Length > 0)
        {
            nint written;
            fixed (byte* start = content)
            {
                written = Libc.Write(fd, start, content.Length);
            }

            if (written > 0)
            {
                content = content[(int)written..];
            }
            else if (Marshal.GetLastPInvokeError() != Errno.EINTR)
            {
                throw Failure("write", path);
            }
        }
    }
}
