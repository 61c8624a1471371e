namespace VgpuPS.Core.Errors;

/// <summary>A fault of this program, told as the result of one item so that the others' still come.</summary>
/// <param name="errorId">One of <see cref="ErrorIds"/>.</param>
/// <param name="message">The fact, with names and numbers.</param>
/// <param name="recommendedAction">What to do, with a command.</param>
/// <param name="target">The object concerned, or null.</param>
/// <param name="inner">What was thrown, or null.</param>
public sealed class ProgramFaultException(
    string errorId, string message, string recommendedAction, string? target = null, Exception? inner = null)
    : VgpuException(errorId, message, recommendedAction, target, inner)
{
    /// <summary>What to do about a fault of a program.</summary>
    /// <param name="program">Its name.</param>
    public static string Action(string program) =>
        $"This is a fault of {program}; keep this text and `journalctl -b`, and report it";

    /// <summary>A failure as one that is explained: itself where it is, else the program's fault.</summary>
    /// <param name="failure">What was thrown; never a cancellation.</param>
    /// <param name="what">What was done: <c>check IommuOff</c>.</param>
    /// <param name="target">The object concerned, or null.</param>
    public static VgpuException Explain(Exception failure, string what, string? target = null) =>
        failure as VgpuException ?? new ProgramFaultException(
            ErrorIds.ProgramFault, $"{what}: unexpected {failure.GetType().Name}: {failure.Message}", Action("vgpu-hook"), target,
            failure);
}
