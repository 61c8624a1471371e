namespace VgpuPS.Bench;

/// <summary>Why the program ends without a result: two lines for a reader, and an exit code for a caller.</summary>
/// <param name="exitCode">One of <see cref="ExitCodes"/>.</param>
/// <param name="message">The fact, with names and numbers.</param>
/// <param name="action">What to do, in the imperative.</param>
internal class BenchFailure(int exitCode, string message, string action) : Exception(message)
{
    /// <summary>What the process ends with.</summary>
    public int ExitCode => exitCode;

    /// <summary>What to do.</summary>
    public string Action => action;
}

/// <summary>Exit codes, the hook's where it has such a case.</summary>
/// <remarks>Source: sysexits.h; src/docs/conventions.md, 6.</remarks>
internal static class ExitCodes
{
    /// <summary>The command line cannot be right.</summary>
    public const int Usage = 64;

    /// <summary>There is no CUDA device, or none of that number.</summary>
    public const int NoDevice = 66;

    /// <summary>Library missing, driver too old, no permission, or no standard output.</summary>
    public const int NotReady = 69;

    /// <summary>A bug of this program.</summary>
    public const int Software = 70;

    /// <summary>A wrong result, or any other failure of a CUDA call.</summary>
    public const int Device = 74;

    /// <summary>Out of memory, or too late for the common start.</summary>
    public const int TryAgain = 75;

    /// <summary>Added to the number of the signal that stopped the program.</summary>
    public const int Signal = 128;
}
