using VgpuPS.Core.Borders;

namespace VgpuPS.Core.Errors;

/// <summary>A program on the host failed, or said that it succeeded and did not.</summary>
/// <param name="errorId">One of <see cref="ErrorIds"/>.</param>
/// <param name="message">The fact, with names and numbers.</param>
/// <param name="recommendedAction">What to do, with a command.</param>
/// <param name="command">The program and its arguments, as a person would type them; never with a secret.</param>
/// <param name="exitCode">Its exit code; null when it did not end or was killed by a signal.</param>
/// <param name="output">The last lines of what it printed.</param>
/// <param name="target">The object concerned, or null.</param>
public sealed class HostCommandException(
    string errorId, string message, string recommendedAction, string command, int? exitCode, string output,
    string? target = null)
    : VgpuException(errorId, message, recommendedAction, target)
{
    /// <summary>The program and its arguments, as a person would type them; never with a secret.</summary>
    public string Command { get; } = VisibleText.Of(command, keepLines: true);

    /// <summary>Its exit code; null when it did not end or was killed by a signal.</summary>
    public int? ExitCode { get; } = exitCode;

    /// <summary>The last lines of what it printed.</summary>
    public string Output { get; } = VisibleText.Of(output, keepLines: true);
}
