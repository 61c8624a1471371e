namespace VgpuPS.Core.Errors;

/// <summary>NVML, or the kernel behind a file, refused and no other exception says it better.</summary>
/// <param name="errorId">One of <see cref="ErrorIds"/>.</param>
/// <param name="message">The fact, with names and numbers.</param>
/// <param name="recommendedAction">What to do, with a command.</param>
/// <param name="function">The call: an NVML function, or <c>write</c>, <c>open</c>.</param>
/// <param name="status">The raw status: <c>nvmlReturn_t</c> or an errno.</param>
/// <param name="target">The object concerned, or null.</param>
/// <param name="inner">The failure below, or null.</param>
public sealed class NativeCallException(
    string errorId, string message, string recommendedAction, string function, int status,
    string? target = null, Exception? inner = null)
    : VgpuException(errorId, message, recommendedAction, target, inner)
{
    /// <summary>The call that refused: an NVML function, or <c>write</c>, <c>open</c>.</summary>
    public string Function { get; } = function;

    /// <summary>The raw status: <c>nvmlReturn_t</c>, or the errno of a system call.</summary>
    public int Status { get; } = status;
}
