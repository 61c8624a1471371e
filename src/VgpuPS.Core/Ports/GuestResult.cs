namespace VgpuPS.Core.Ports;

/// <summary>How a program ended in a guest.</summary>
/// <param name="ExitCode">Its exit code; null when a signal ended it.</param>
/// <param name="Signal">The signal (Windows: the exception) that ended it; null otherwise.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="IsTruncated">Whether the guest agent left out the end of one of them.</param>
public sealed record GuestResult(int? ExitCode, int? Signal, string Output, string Error, bool IsTruncated)
{
    /// <summary>Whether standard output is not what the guest has: it held a secret, or what no terminal may be given.</summary>
    public bool IsAltered { get; init; }

    /// <summary>Whether it ended with exit code 0 and all of its output is here.</summary>
    public bool Succeeded => ExitCode == 0 && !IsTruncated;
}
