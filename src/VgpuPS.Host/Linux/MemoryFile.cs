using System.Runtime.InteropServices;
using System.Text;
using VgpuPS.Core.Text;

namespace VgpuPS.Host.Linux;

/// <summary>
/// A file without a name that stands in for a program's standard input or output. Writing to it never blocks and never
/// fails for a reader gone away, and no caller has to wait until the last child has closed it.
/// </summary>
/// <remarks>Source: memfd_create(2), fallocate(2).</remarks>
internal sealed unsafe class MemoryFile : IDisposable
{
    /// <summary>What is kept of an output.</summary>
    public const int TailSize = 64 * 1024;

    /// <summary>Lowest descriptor number: the child's 0 to 3 must not be overwritten before they are copied.</summary>
    public const int LowestDescriptor = 10;

    private const uint CloseOnExec = 1;
    private const int PunchHoleKeepSize = 2 | 1;
    private const long TrimStep = 4 * 1024 * 1024;
    private const long PageSize = 4096;

    private readonly string _name;
    private long _trimmed;

    private MemoryFile(string name, int descriptor)
    {
        _name = name;
        Descriptor = descriptor;
    }

    /// <summary>The open descriptor.</summary>
    public int Descriptor { get; }

    /// <summary>A file that a program appends to, however many of its children share it.</summary>
    public static MemoryFile ForOutput(string name)
    {
        var file = Create(name);
        if (Libc.Control(file.Descriptor, Libc.SetStatusFlags, Libc.Append) != 0)
        {
            var failure = LinuxHostFiles.Failure("fcntl", name);
            file.Dispose();
            throw failure;
        }

        return file;
    }

    /// <summary>A file that a program reads from its beginning.</summary>
    public static MemoryFile ForInput(string name, string text)
    {
        var file = Create(name);
        var bytes = Encoding.UTF8.GetBytes(text);
        fixed (byte* start = bytes)
        {
            if (Libc.WriteAt(file.Descriptor, start, bytes.Length, 0) == bytes.Length)
            {
                return file;
            }
        }

        file.Dispose();
        throw new HostFileException("write", name, Errno.ENOSPC);
    }

    /// <summary>Returns the memory of output that is not read to the kernel.</summary>
    public void Trim()
    {
        var end = (Size - TailSize) / PageSize * PageSize;
        if (end - _trimmed >= TrimStep)
        {
            _ = Libc.Allocate(Descriptor, PunchHoleKeepSize, 0, end);
            _trimmed = end;
        }
    }

    /// <summary>The last <see cref="TailSize"/> bytes as text; what is not UTF-8 is replaced, control characters are
    /// visible.</summary>
    public string ReadTail()
    {
        var size = Size;
        var from = Math.Max(0, size - TailSize);
        var buffer = new byte[(int)(size - from)];
        var length = 0;
        fixed (byte* start = buffer)
        {
            while (length < buffer.Length)
            {
                var count = Libc.ReadAt(Descriptor, start + length, buffer.Length - length, from + length);
                if (count <= 0)
                {
                    break;
                }

                length += (int)count;
            }
        }

        return Clean(buffer.AsSpan(0, length), isCut: from > 0);
    }

    public void Dispose() => _ = Libc.Close(Descriptor);

    private long Size => LinuxHostFiles.SizeOf(Descriptor, _name);

    private static MemoryFile Create(string name)
    {
        var low = Libc.CreateMemoryFile(name, CloseOnExec);
        if (low < 0)
        {
            throw LinuxHostFiles.Failure("memfd_create", name);
        }

        var descriptor = Libc.Control(low, Libc.DuplicateCloseOnExec, LowestDescriptor);
        var errno = Marshal.GetLastPInvokeError();
        _ = Libc.Close(low);
        return descriptor >= 0 ? new MemoryFile(name, descriptor) : throw new HostFileException("fcntl", name, errno);
    }

    private static string Clean(ReadOnlySpan<byte> bytes, bool isCut)
    {
        // The cut may have fallen into a character: its rest is no error of the program's.
        while (isCut && bytes.Length > 0 && (bytes[0] & 0b1100_0000) == 0b1000_0000)
        {
            bytes = bytes[1..];
        }

        return VisibleText.Of(Encoding.UTF8.GetString(bytes), keepLines: true);
    }
}
