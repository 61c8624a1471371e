using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace VgpuPS.Host.Linux;

public sealed unsafe partial class LinuxHostFiles
{
    /// <inheritdoc/>
    public IReadOnlyList<string>? List(string path)
    {
        int fd;
        try
        {
            fd = Open(path, Libc.ReadOnly | Libc.DirectoryOnly, 0);
        }
        catch (HostFileException e) when (e.Number is Errno.ENOENT or Errno.ENOTDIR)
        {
            // ENOTDIR is said of the path itself as well as of a folder on its way; only the latter means absence.
            return GetInfo(path) is null ? null : throw new HostFileException("open", path, Errno.ENOTDIR);
        }

        try
        {
            return ReadNames(fd, path);
        }
        finally
        {
            _ = Libc.Close(fd);
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
            CreateDirectory(parent, FileModes.Mode755);
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

    /// <summary>Names in an open directory, ordinal order.</summary>
    /// <remarks>Source: getdents64(2): record length at byte 16, name from byte 19, ended by a null.</remarks>
    private static List<string>? ReadNames(int fd, string path)
    {
        const int LengthOffset = 16;
        const int NameOffset = 19;
        var names = new List<string>();
        var buffer = new byte[32768];
        while (true)
        {
            nint count;
            fixed (byte* start = buffer)
            {
                count = Libc.ReadEntries(fd, start, buffer.Length);
            }

            if (count < 0)
            {
                // A directory that was removed while open (a device was removed) has no entries to read.
                return Marshal.GetLastPInvokeError() == Errno.ENOENT ? null : throw Failure("getdents64", path);
            }

            if (count == 0)
            {
                names.Sort(StringComparer.Ordinal);
                return names;
            }

            for (var entry = 0; entry < count;)
            {
                var length = BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(entry + LengthOffset));
                var name = buffer.AsSpan(entry + NameOffset, length - NameOffset);
                var text = Encoding.UTF8.GetString(name[..name.IndexOf((byte)0)]);
                if (text is not ("." or ".."))
                {
                    names.Add(text);
                }

                entry += length;
            }
        }
    }
}
