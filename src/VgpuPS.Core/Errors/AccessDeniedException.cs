namespace VgpuPS.Core.Errors;

/// <summary>Permission is missing on the host.</summary>
/// <param name="errorId">One of <see cref="ErrorIds"/>.</param>
/// <param name="message">The fact, with names and numbers.</param>
/// <param name="recommendedAction">What to do, with a command.</param>
/// <param name="target">The object concerned, or null.</param>
/// <param name="inner">The failure below, or null.</param>
public sealed class AccessDeniedException(
    string errorId, string message, string recommendedAction, string? target = null, Exception? inner = null)
    : VgpuException(errorId, message, recommendedAction, target, inner);
