namespace VgpuPS.Host.Seams;

/// <summary>How a program ended, and what it printed.</summary>
/// <param name="ExitCode">Exit code; null when it was ended by a signal, did not end, or could not be started.</param>
/// <param name="Signal">Signal that ended it; null otherwise.</param>
/// <param name="TimedOut">Whether the deadline came first.</param>
/// <param name="StartErrno">Errno of a failed start (ENOENT, EACCES …); 0 when it started.</param>
/// <param name="Output">Standard output, the last 64 KiB.</param>
/// <param name="Error">Standard error, the last 64 KiB.</param>
public sealed record ProcessResult(
    int? ExitCode, int? Signal, bool TimedOut, int StartErrno, string Output, string Error);
