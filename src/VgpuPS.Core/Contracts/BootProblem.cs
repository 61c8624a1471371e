using VgpuPS.Core.Errors;

namespace VgpuPS.Core.Contracts;

/// <summary>A failure as the boot service keeps it.</summary>
/// <param name="ErrorId">One of <see cref="ErrorIds"/>.</param>
/// <param name="Message">The fact, with names and numbers.</param>
/// <param name="RecommendedAction">What to do, with a command.</param>
public sealed record BootProblem(string ErrorId, string Message, string RecommendedAction)
{
    /// <summary>The failure of an exception.</summary>
    public static BootProblem Of(VgpuException failure) => new(failure.ErrorId, failure.Message, failure.RecommendedAction);
}
