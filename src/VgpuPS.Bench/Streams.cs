using System.Runtime.InteropServices;
using System.Text;

namespace VgpuPS.Bench;

/// <summary>Standard output and error, line by line.</summary>
/// <remarks>
/// Written by the system call itself: the console of .NET drops what a pipe without reader does not take, and the
/// program would measure on for a caller that is gone.
/// </remarks>
internal static class Streams
{
    private const int Output = 1;
    private const int Error = 2;

    /// <summary>Fills descriptors that are closed, before a library opens a device under their number.</summary>
    public static void Fill()
    {
        for (var descriptor = 0; descriptor <= Error; descriptor++)
        {
            if (Libc.Control(descriptor, Libc.GetDescriptorFlags, 0) < 0)
            {
                // The lowest free number is the one that is missing.
                _ = Libc.Open(
                    descriptor == 0 ? "/dev/null" : "/dev/full", descriptor == 0 ? Libc.ReadOnly : Libc.WriteOnly, 0);
            }
        }
    }

    /// <summary>Writes a line to standard output.</summary>
    /// <exception cref="BenchFailure">It takes nothing.</exception>
    public static void WriteLine(string line)
    {
        if (Write(Output, line + "\n") is var errno and not 0)
        {
            throw new BenchFailure(
                ExitCodes.NotReady,
                $"standard output takes no line: {Marshal.GetPInvokeErrorMessage(errno)}",
                "keep its reader open until the program ends, or make space where it points, then start it again");
        }
    }

    /// <summary>Writes a failure to standard error, in two lines; where that takes nothing, nothing can be
    /// said.</summary>
    public static void WriteFailure(string message, string action) =>
        _ = Write(Error, $"vgpu-bench: {VisibleLine.Of(message)}\n  do: {VisibleLine.Of(action)}\n");

    private static unsafe int Write(int descriptor, string text)
    {
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(text);
        while (!rest.IsEmpty)
        {
            nint written;
            fixed (byte* bytes = rest)
            {
                written = Libc.Write(descriptor, bytes, rest.Length);
            }

            if (written >= 0)
            {
                rest = rest[(int)written..];
                continue;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Libc.Interrupted:
                    break;
                case Libc.Again:
                    Thread.Sleep(10);
                    break;
                case var errno:
                    return errno;
            }
        }

        return 0;
    }
}
