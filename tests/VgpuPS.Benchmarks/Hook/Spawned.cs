using System.Diagnostics;
using System.Runtime.InteropServices;

namespace VgpuPS.Benchmarks.Hook;

/// <summary>One process, from posix_spawn until it was reaped, without the weight of .NET's own process
/// class.</summary>
/// <param name="ExitCode">Its exit code; 128 and more for a signal.</param>
/// <param name="Wall">From spawn to reaped.</param>
/// <param name="Cpu">User and system time that it used.</param>
internal sealed partial record Spawned(int ExitCode, TimeSpan Wall, TimeSpan Cpu)
{
    public static unsafe Spawned Run(string[] command)
    {
        var strings = command.Select(Marshal.StringToCoTaskMemUTF8).ToArray();
        var arguments = stackalloc nint[strings.Length + 1];
        var environment = stackalloc nint[1];
        for (var i = 0; i < strings.Length; i++)
        {
            arguments[i] = strings[i];
        }

        arguments[strings.Length] = environment[0] = 0;
        Usage usage;
        int status;
        var started = Stopwatch.GetTimestamp();
        var error = Spawn(out var pid, strings[0], 0, 0, arguments, environment);
        if (error != 0)
        {
            throw new InvalidOperationException($"posix_spawn {command[0]}: errno {error}");
        }

        while (Wait(pid, &status, 0, &usage) != pid)
        {
        }

        var wall = Stopwatch.GetElapsedTime(started);
        Array.ForEach(strings, Marshal.FreeCoTaskMem);
        var seconds = usage.UserSeconds + usage.SystemSeconds;
        var micros = usage.UserMicroseconds + usage.SystemMicroseconds;
        var signal = status & 0x7f;
        return new Spawned(
            signal == 0 ? (status >> 8) & 0xff : 128 + signal, wall,
            TimeSpan.FromMicroseconds((seconds * 1_000_000) + micros));
    }

    [LibraryImport("libc.so.6", EntryPoint = "posix_spawn")]
    private static unsafe partial int Spawn(
        out int pid, nint path, nint actions, nint attributes, nint* arguments, nint* environment);

    [LibraryImport("libc.so.6", EntryPoint = "wait4")]
    private static unsafe partial int Wait(int pid, int* status, int options, Usage* usage);

    // struct rusage: two timevals, then fourteen numbers that are not used here.
    [StructLayout(LayoutKind.Sequential, Size = 144)]
    private struct Usage
    {
        public long UserSeconds;
        public long UserMicroseconds;
        public long SystemSeconds;
        public long SystemMicroseconds;
    }
}
