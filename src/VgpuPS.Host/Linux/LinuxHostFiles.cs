using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using VgpuPS.Host.Seams;

namespace VgpuPS.Host.Linux;

/// <summary>The host's own files, by system calls.</summary>
/// <param name="root">What absolute paths hang on: <c>/</c> in production, a directory in tests.</param>
/// <remarks>
/// Source: facts/linux-and-build.md B.3: <c>File.WriteAllText</c> hides some errnos, and open and write must be told apart.
/// </remarks>
public sealed unsafe partial class LinuxHostFiles(string root = "/") : IHostFiles
{
    private const int CurrentDirectory = -100;
    private const int EmptyPath = 0x1000;
    private const uint BasicStats = 0x7ff;

    private readonly string _root = root.TrimEnd('/');

    /// <inheritdoc/>
    public HostFileInfo? GetInfo(string path) => Stat(CurrentDirectory, Rooted(path), 0, path);

    /// <inheritdoc/>
    public IReadOnlyList<string>? List(string path)
    {
        try
        {
            var names = Directory.EnumerateFileSystemEntries(Rooted(path)).Select(e => Path.GetFileName(e)!).ToList();
            names.Sort(StringComparer.Ordinal);
            return names;
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
        catch (IOException)
        {
            return GetInfo(path) is { Kind: not HostFileKind.Directory }
                ? throw new HostFileException("opendir", path, Errno.ENOTDIR)
                : null;
        }
        catch (UnauthorizedAccessException)
        {
            throw new HostFileException("opendir", path, Errno.EACCES);
        }
    }

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
        var fd = Open(path, Libc.ReadOnly, 0);
        try
        {
            using var content = new MemoryStream();
            var buffer = new byte[16384];
            while (true)
            {
                nint count;
                fixed (byte* start = buffer)
                {
                    count = Libc.Read(fd, start, buffer.Length);
                }

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

                content.Write(buffer, 0, (int)count);
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

        return Marshal.GetLastPInvokeError() == Errno.ENOENT ? false : throw Failure("unlink", path);
    }

    /// <inheritdoc/>
    public void Rename(string source, string destination)
    {
        if (Libc.Rename(Rooted(source), Rooted(destination)) != 0)
        {
            throw Failure("rename", source);
        }
    }

    /// <inheritdoc/>
    public void CreateDirectory(string path, int mode)
    {
        if (Libc.MakeDirectory(Rooted(path), mode) == 0)
        {
            return;
        }

        var errno = Marshal.GetLastPInvokeError();
        var parent = Path.GetDirectoryName(path);
        if (errno == Errno.ENOENT && parent is { Length: > 1 })
        {
            CreateDirectory(parent, 0b111_101_101);
            if (Libc.MakeDirectory(Rooted(path), mode) == 0)
            {
                return;
            }

            errno = Marshal.GetLastPInvokeError();
        }

        if (errno != Errno.EEXIST || GetInfo(path) is not { Kind: HostFileKind.Directory })
        {
            throw new HostFileException("mkdir", path, errno);
        }
    }

    /// <inheritdoc/>
    public IHostFileLock? TryLock(string path, int mode)
    {
        while (true)
        {
            var fd = Open(path, Libc.ReadWrite | Libc.Create, mode);
            var result = Retry(() => Libc.Lock(fd, Libc.LockExclusiveNonBlocking));
            if (result != 0)
            {
                var errno = Marshal.GetLastPInvokeError();
                _ = Libc.Close(fd);
                return errno == Errno.EAGAIN ? null : throw new HostFileException("flock", path, errno);
            }

            // Somebody may have replaced the file between open and flock: a lock on a nameless file excludes nobody.
            var held = Stat(fd, "", EmptyPath, path);
            var named = GetInfo(path);
            if (named is not null && held is not null && named.Inode == held.Inode
                && named.DeviceMajor == held.DeviceMajor && named.DeviceMinor == held.DeviceMinor)
            {
                return new LinuxFileLock(fd, path);
            }

            _ = Libc.Close(fd);
        }
    }

    /// <summary>The last failed system call as an exception.</summary>
    internal static HostFileException Failure(string operation, string path) =>
        new(operation, path, Marshal.GetLastPInvokeError());

    private static HostFileInfo? Stat(int directory, string path, int flags, string named)
    {
        var buffer = stackalloc byte[256];
        if (Libc.Statx(directory, path, flags, BasicStats, buffer) != 0)
        {
            return Marshal.GetLastPInvokeError() is Errno.ENOENT or Errno.ENOTDIR ? null : throw Failure("statx", named);
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
            BinaryPrimitives.ReadUInt64LittleEndian(span[32..]));
    }

    private int Open(string path, int flags, int mode)
    {
        var rooted = Rooted(path);
        var fd = (int)Retry(() => Libc.Open(rooted, flags | Libc.CloseOnExec, mode));
        return fd >= 0 ? fd : throw Failure("open", path);
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

    private string Rooted(string path) => path.StartsWith('/')
        ? _root + path
        : throw new ArgumentException($"'{path}' is no absolute path.", nameof(path));
}
