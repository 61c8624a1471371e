namespace VgpuPS.Host.Seams;

/// <summary>Runs programs on the host. Their output is captured apart, never inherited, and never ties us to their
/// children.</summary>
public interface IProcessRunner
{
    /// <summary>Runs a program; every outcome but cancellation is in the result.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; the program was ended unless it may not be.</exception>
    Task<ProcessResult> RunAsync(ProcessRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Writes an attribute of the kernel in a child process, for writes that can block for as long as a process holds a
    /// device (<c>remove</c> of a mediated device).
    /// </summary>
    /// <remarks>
    /// Source: facts/linux-and-build.md B.3: <c>remove</c> with the device open blocks until it is closed, and cannot
    /// be killed meanwhile.
    /// </remarks>
    Task<AttributeWriteResult> WriteAttributeAsync(
        string path, string value, TimeSpan deadline, CancellationToken cancellationToken);
}

/// <summary>A program to run: no shell, an argument list, no inherited output.</summary>
/// <param name="FileName">Absolute path of the program.</param>
/// <param name="Arguments">Arguments as they are.</param>
/// <param name="Deadline">How long to wait; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
public sealed record ProcessRequest(string FileName, IReadOnlyList<string> Arguments, TimeSpan Deadline)
{
    /// <summary>
    /// False: at the deadline, or when cancelled, the program and its children are killed and waited for.
    /// True: it is left running (a kill half way would do harm); the result says that it did not end.
    /// </summary>
    public bool LeaveRunningAtDeadline { get; init; }

    /// <summary>A lock that the program inherits, so that it stays taken until the program ends; or null.</summary>
    public IHostFileLock? InheritedLock { get; init; }

    /// <summary>Variables added to, or (null value) removed from, the caller's environment.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } =
        new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>Text for standard input; empty means end of file at once.</summary>
    public string Input { get; init; } = "";
}

/// <summary>How a program ended, and what it printed.</summary>
/// <param name="ExitCode">Exit code; null when it was ended by a signal, did not end, or could not be started.</param>
/// <param name="Signal">Signal that ended it; null otherwise.</param>
/// <param name="TimedOut">Whether the deadline came first.</param>
/// <param name="StartErrno">Errno of a failed start (ENOENT, EACCES …); 0 when it started.</param>
/// <param name="Output">Standard output, the last 64 KiB.</param>
/// <param name="Error">Standard error, the last 64 KiB.</param>
public sealed record ProcessResult(
    int? ExitCode, int? Signal, bool TimedOut, int StartErrno, string Output, string Error);

/// <summary>How a write in a child process ended.</summary>
/// <param name="Finished">False when the deadline came first: the write may still happen later.</param>
/// <param name="Operation">The system call that failed (<c>open</c> or <c>write</c>); null when none did.</param>
/// <param name="Errno">Its errno; 0 when none failed.</param>
public sealed record AttributeWriteResult(bool Finished, string? Operation, int Errno);
