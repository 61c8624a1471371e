namespace VgpuPS.Core.Errors;

/// <summary>The caller's input cannot be right.</summary>
/// <param name="errorId">One of <see cref="ErrorIds"/>.</param>
/// <param name="message">The fact, with names and numbers.</param>
/// <param name="recommendedAction">What to do, with a command.</param>
/// <param name="target">The object concerned, or null.</param>
/// <param name="inner">The failure below, or null.</param>
public sealed class InvalidRequestException(
    string errorId, string message, string recommendedAction, string? target = null, Exception? inner = null)
    : VgpuException(errorId, message, recommendedAction, target, inner);
