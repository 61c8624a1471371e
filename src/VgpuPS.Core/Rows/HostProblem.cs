namespace VgpuPS.Core.Rows;

/// <summary>What could not be read of a host, while the rest was.</summary>
/// <param name="Kind">Class of the failure, by its name.</param>
/// <param name="ErrorId">One of <see cref="ErrorIds"/>.</param>
/// <param name="Message">The fact, with names and numbers.</param>
/// <param name="RecommendedAction">What to do, with a command.</param>
/// <param name="Target">What it is about; null for none.</param>
/// <param name="Gpu">Address of the GPU that could not be read; null where it is something else.</param>
public sealed record HostProblem(
    string Kind, string ErrorId, string Message, string RecommendedAction, string? Target, string? Gpu)
{
    /// <summary>The failure of an exception.</summary>
    public static HostProblem Of(VgpuException failure, string? gpu = null) => new(
        ErrorKind.Of(failure).Name, failure.ErrorId, failure.Message, failure.RecommendedAction, failure.Target, gpu);

    /// <summary>The failure again.</summary>
    /// <param name="host">Name of the session that its message begins with; empty for none.</param>
    public VgpuException ToException(string host)
    {
        var message = host.Length == 0 ? Message : $"host {host}: {Message}";
        return ErrorKind.Find(Kind)?.Make?.Invoke(ErrorId, message, RecommendedAction, Target)
            ?? new NativeCallException(ErrorId, message, RecommendedAction, "", 0, Target);
    }
}
