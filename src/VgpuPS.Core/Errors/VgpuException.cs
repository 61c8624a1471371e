using VgpuPS.Core.Borders;

namespace VgpuPS.Core.Errors;

/// <summary>
/// Base of every failure that this product explains: what is wrong, and what to do. Whatever it is made of, a terminal may be
/// given it.
/// </summary>
/// <param name="errorId">One of <see cref="ErrorIds"/>.</param>
/// <param name="message">The fact, with names and numbers.</param>
/// <param name="recommendedAction">A sentence in the imperative with a command that the user can type.</param>
/// <param name="target">The object concerned (an address, a VM id, a path), or null.</param>
/// <param name="inner">The failure below, or null.</param>
public abstract class VgpuException(
    string errorId, string message, string recommendedAction, string? target = null, Exception? inner = null)
    : Exception(VisibleText.Of(message, keepLines: true), inner)
{
    /// <summary>One of <see cref="ErrorIds"/>.</summary>
    public string ErrorId { get; } = errorId;

    /// <summary>A sentence in the imperative with a command that the user can type.</summary>
    public string RecommendedAction { get; } = VisibleText.Of(recommendedAction, keepLines: true);

    /// <summary>The object concerned (an address, a VM id, a path), or null.</summary>
    public string? Target { get; } = target is null ? null : VisibleText.Of(target);
}
