using System.Text;
using VgpuPS.Host.Seams;

namespace VgpuPS.Host.Linux;

/// <summary>A flock that is held; a program may inherit it and keep it beyond our end.</summary>
internal sealed unsafe class LinuxFileLock(int fd, string path) : IHostFileLock
{
    private bool _isClosed;

    /// <summary>The open descriptor that carries the lock.</summary>
    public int Descriptor => fd;

    /// <inheritdoc/>
    public void WriteHolder(string text)
    {
        if (Libc.Truncate(fd, 0) != 0 || Libc.Seek(fd, 0, 0) < 0)
        {
            throw LinuxHostFiles.Failure("ftruncate", path);
        }

        var bytes = Encoding.UTF8.GetBytes(text);
        fixed (byte* start = bytes)
        {
            if (Libc.Write(fd, start, bytes.Length) != bytes.Length)
            {
                throw LinuxHostFiles.Failure("write", path);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isClosed)
        {
            _isClosed = true;
            _ = Libc.Close(fd);
        }
    }
}
