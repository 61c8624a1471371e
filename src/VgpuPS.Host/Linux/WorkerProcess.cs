namespace VgpuPS.Host.Linux;

/// <summary>
/// This program once more, in a session of its own, with nothing of ours but its page and memory files for its output:
/// one that hangs in the kernel can be left, and whoever waits for our pipes and locks does not wait for it.
/// </summary>
/// <remarks>Source: pidfd_open(2), poll(2).</remarks>
public sealed unsafe class WorkerProcess : IDisposable
{
    private readonly SpawnedProgram _program;
    private readonly int _handle;

    private WorkerProcess(SpawnedProgram program, int handle) => (_program, _handle) = (program, handle);

    /// <summary>Its process id.</summary>
    public int Pid => _program.Pid;

    /// <summary>Its exit code, once it has ended; null when a signal ended it.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>The signal that ended it; null when none did.</summary>
    public int? Signal { get; private set; }

    /// <summary>What it wrote for standard output.</summary>
    public string Output => _program.ReadOutput();

    /// <summary>What it wrote for standard error.</summary>
    public string Error => _program.ReadError();

    /// <summary>Starts one.</summary>
    /// <param name="arguments">Its command line.</param>
    /// <param name="page">What it shares with us.</param>
    /// <exception cref="HostFileException">It could not be started.</exception>
    public static WorkerProcess Start(IReadOnlyList<string> arguments, WorkerPage page)
    {
        // A copy in a snippets folder may have been replaced while it runs.
        var self = Environment.ProcessPath is { } path && File.Exists(path) ? path : "/proc/self/exe";
        var program = SpawnedProgram.Start(
            new ProcessRequest(self, arguments, Timeout.InfiniteTimeSpan), page.Descriptor);
        return new WorkerProcess(program, Libc.OpenProcess(Libc.OpenProcessCall, program.Pid, 0));
    }

    /// <summary>Waits until it has ended.</summary>
    /// <param name="limit">How long; it may be reported earlier that it has not.</param>
    /// <returns>Whether it has.</returns>
    public bool TryWait(TimeSpan limit)
    {
        if (_handle >= 0)
        {
            var wanted = new PollEntry { Descriptor = _handle, Events = 1 };
            _ = Libc.Poll(&wanted, 1, (int)limit.TotalMilliseconds);
        }
        else
        {
            Thread.Sleep(limit < TimeSpan.FromMilliseconds(2) ? limit : TimeSpan.FromMilliseconds(2));
        }

        if (!SpawnedProgram.TryReap(Pid, out var status))
        {
            return false;
        }

        // Source: wait(2): the low seven bits are the signal, the second byte is the exit code.
        var signal = status & 0x7F;
        Signal = signal is 0 ? null : signal;
        ExitCode = signal is 0 ? (status >> 8) & 0xFF : null;
        return true;
    }

    /// <summary>Asks it to stop between two steps and to roll back what it made.</summary>
    public void Stop() => _ = Libc.Kill(Pid, Libc.SignalTerminate);

    /// <inheritdoc/>
    public void Dispose()
    {
        _program.Dispose();
        if (_handle >= 0)
        {
            _ = Libc.Close(_handle);
        }
    }
}
