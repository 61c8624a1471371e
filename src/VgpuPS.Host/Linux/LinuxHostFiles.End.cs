using System.Runtime.InteropServices;
using VgpuPS.Host.Seams;

namespace VgpuPS.Host.Linux;

public sealed unsafe partial class LinuxHostFiles
{
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
}
