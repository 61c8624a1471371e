namespace VgpuPS.Core.Errors;

/// <summary>A host cannot be reached, is not who it was, or has no agent that this program can talk to.</summary>
/// <param name="errorId">One of <see cref="ErrorIds"/>.</param>
/// <param name="message">The fact, with names and numbers.</param>
/// <param name="recommendedAction">What to do, with a command.</param>
/// <param name="target">The host.</param>
/// <param name="inner">The failure below, or null.</param>
public sealed class HostConnectionException(
    string errorId, string message, string recommendedAction, string? target = null, Exception? inner = null)
    : VgpuException(errorId, message, recommendedAction, target, inner)
{
    /// <summary>Whether the host refused only for now, as one does that too many connect to; a later try may succeed.</summary>
    public bool IsTransient { get; init; }
}
