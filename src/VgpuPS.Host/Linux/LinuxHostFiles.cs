using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace VgpuPS.Host.Linux;

/// <summary>The host's own files, by system calls.</summary>
/// <param name="root">
/// What absolute paths hang on: <c>/</c> in production, a directory in tests. They are joined as text: an absolute link
/// below a test's directory leads out of it.
/// </param>
/// <remarks>
/// Source: facts/linux-and-build.md B.3: <c>File.WriteAllText</c> hides some errnos, and open and write must be
/// distinguished.
/// </remarks>
public sealed unsafe partial class LinuxHostFiles(string root = "/") : IHostFiles
{
    private const int CurrentDirectory = -100;
    private const int EmptyPath = 0x1000;
    private const uint BasicStats = 0x7ff;
    private const int PageSize = 4096;

    private readonly string _root = root.TrimEnd('/');

    /// <inheritdoc/>
    public uint UserId => Libc.GetEffectiveUserId();

    /// <inheritdoc/>
    public HostFileInfo? GetInfo(string path) => Stat(CurrentDirectory, Rooted(path), 0, path);

    /// <inheritdoc/>
    public string? ReadLink(string path)
    {
        var buffer = stackalloc byte[4096];
        var length = Libc.ReadLink(Rooted(path), buffer, 4096);
        if (length >= 0)
        {
            return Encoding.UTF8.GetString(buffer, (int)length);
        }

        return Marshal.GetLastPInvokeError() is Errno.EINVAL or Errno.ENOENT or Errno.ENOTDIR
            ? null
            : throw Failure("readlink", path);
    }

    /// <inheritdoc/>
    public byte[] Read(string path, int limit)
    {
        var fd = OpenFile(path, Libc.ReadOnly, 0);
        try
        {
            // An attribute of the kernel fits in a page; a start reads hundreds of them.
            using var content = new MemoryStream();
            var buffer = stackalloc byte[PageSize];
            while (true)
            {
                var count = Libc.Read(fd, buffer, PageSize);
                if (count < 0)
                {
                    if (Marshal.GetLastPInvokeError() == Errno.EINTR)
                    {
                        continue;
                    }

                    throw Failure("read", path);
                }

                if (count == 0)
                {
                    return content.ToArray();
                }

                content.Write(new ReadOnlySpan<byte>(buffer, (int)count));
                if (content.Length > limit)
                {
                    throw new HostFileException("read", path, Errno.EFBIG);
                }
            }
        }
        finally
        {
            _ = Libc.Close(fd);
        }
    }

    /// <inheritdoc/>
    public bool Delete(string path)
    {
        if (Libc.Unlink(Rooted(path)) == 0)
        {
            return true;
        }

        return Marshal.GetLastPInvokeError() is Errno.ENOENT or Errno.ENOTDIR ? false : throw Failure("unlink", path);
    }

    /// <inheritdoc/>
    public void Rename(string source, string destination)
    {
        if (Libc.Rename(Rooted(source), Rooted(destination)) != 0)
        {
            throw Failure("rename", source);
        }
    }

    /// <summary>The last failed system call as an exception.</summary>
    internal static HostFileException Failure(string operation, string path) =>
        new(operation, path, Marshal.GetLastPInvokeError());

    /// <summary>Size of an open file in bytes.</summary>
    internal static long SizeOf(int fd, string path) => Stat(fd, "", EmptyPath, path)?.Size ?? 0;

    private static HostFileInfo? Stat(int directory, string path, int flags, string named)
    {
        var buffer = stackalloc byte[256];
        if (Libc.Statx(directory, path, flags, BasicStats, buffer) != 0)
        {
            return Marshal.GetLastPInvokeError() is Errno.ENOENT or Errno.ENOTDIR
                ? null : throw Failure("statx", named);
        }

        var span = new ReadOnlySpan<byte>(buffer, 256);
        var mode = BinaryPrimitives.ReadUInt16LittleEndian(span[28..]);
        var kind = (mode & 0xF000) switch
        {
            0x8000 => HostFileKind.File,
            0x4000 => HostFileKind.Directory,
            _ => HostFileKind.Other,
        };
        return new HostFileInfo(
            kind, mode & 0xFFF, BinaryPrimitives.ReadInt64LittleEndian(span[40..]),
            BinaryPrimitives.ReadUInt32LittleEndian(span[136..]), BinaryPrimitives.ReadUInt32LittleEndian(span[140..]),
            BinaryPrimitives.ReadUInt64LittleEndian(span[32..]), BinaryPrimitives.ReadUInt32LittleEndian(span[20..]))
        {
            Modified = DateTimeOffset.UnixEpoch.AddSeconds(BinaryPrimitives.ReadInt64LittleEndian(span[112..])),
        };
    }

    private int Open(string path, int flags, int mode)
    {
        var rooted = Rooted(path);
        var fd = (int)Retry(() => Libc.Open(rooted, flags | Libc.CloseOnExec, mode));
        return fd >= 0 ? fd : throw Failure("open", path);
    }

    /// <summary>
    /// Opens a file that must be an ordinary one, or an attribute of the kernel: a pipe would wait for its other end,
    /// and reading a terminal or a device may never end.
    /// </summary>
    /// <remarks>Source: open(2), fifo(7): with O_NONBLOCK neither waits.</remarks>
    private int OpenFile(string path, int flags, int mode)
    {
        var fd = Open(path, flags | Libc.NonBlocking, mode);
        try
        {
            return Stat(fd, "", EmptyPath, path) is { Kind: HostFileKind.Other }
                ? throw new HostFileException("open", path, Errno.NotAFile) : fd;
        }
        catch
        {
            _ = Libc.Close(fd);
            throw;
        }
    }

    private static nint Retry(Func<nint> call)
    {
        nint result;
        do
        {
            result = call();
        }
        while (result < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
        return result;
    }

    private string Rooted(string path)
    {
        if (!path.StartsWith('/') || path.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException($"'{path}' is not an absolute path", nameof(path));
        }

        if (_root.Length > 0 && ClimbsOut(path))
        {
            throw new ArgumentException($"'{path}' leaves the root '{_root}'", nameof(path));
        }

        return _root + path;
    }

    private static bool ClimbsOut(string path)
    {
        var depth = 0;
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            depth += part switch { ".." => -1, "." => 0, _ => 1 };
            if (depth < 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public byte[] ReadEnd(string path, int limit)
    {
        var fd = OpenFile(path, Libc.ReadOnly, 0);
        try
        {
            var size = SizeOf(fd, path);
            var start = Math.Max(0, size - limit);
            var content = new byte[size - start];
            var done = 0;
            fixed (byte* buffer = content)
            {
                while (done < content.Length)
                {
                    var count = Libc.ReadAt(fd, buffer + done, content.Length - done, start + done);
                    if (count < 0 && Marshal.GetLastPInvokeError() != Errno.EINTR)
                    {
                        throw Failure("read", path);
                    }

                    if (count == 0)
                    {
                        break;
                    }

                    done += Math.Max(0, (int)count);
                }
            }

            return done == content.Length ? content : content[..done];
        }
        finally
        {
            _ = Libc.Close(fd);
        }
    }

    /// <inheritdoc/>
    public byte[] ReadPart(string path, long offset, int count)
    {
        var fd = OpenFile(path, Libc.ReadOnly, 0);
        try
        {
            var buffer = new byte[count];
            var length = 0;
            fixed (byte* start = buffer)
            {
                while (length < count)
                {
                    var got = Libc.ReadAt(fd, start + length, count - length, offset + length);
                    if (got < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR)
                    {
                        continue;
                    }

                    if (got <= 0)
                    {
                        return got == 0 ? buffer[..length] : throw Failure("read", path);
                    }

                    length += (int)got;
                }
            }

            return buffer;
        }
        finally
        {
            _ = Libc.Close(fd);
        }
    }
}
