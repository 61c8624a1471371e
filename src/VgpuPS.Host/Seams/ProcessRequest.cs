namespace VgpuPS.Host.Seams;

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
