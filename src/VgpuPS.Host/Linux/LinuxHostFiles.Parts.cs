using System.Runtime.InteropServices;
using VgpuPS.Host.Seams;

namespace VgpuPS.Host.Linux;

public sealed unsafe partial class LinuxHostFiles
{
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
