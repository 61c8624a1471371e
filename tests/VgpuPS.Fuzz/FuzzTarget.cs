using VgpuPS.Core.Errors;

namespace VgpuPS.Fuzz;

/// <summary>A reader of bytes that somebody else wrote.</summary>
/// <param name="Name">Its name, and that of its folder in tests/data/fuzz.</param>
/// <param name="Samples">Inputs that it takes well.</param>
/// <param name="Run">Gives it an input; what it throws beside its own exceptions is a fault.</param>
public sealed record FuzzTarget(string Name, IReadOnlyList<byte[]> Samples, Action<byte[]> Run)
{
    /// <summary>How many inputs it gets before the next target's turn: few where one takes long.</summary>
    public int Batch { get; init; } = 5000;

    /// <summary>Whether its samples are JSON, of which members and values are changed as well as bytes.</summary>
    public bool IsJson { get; init; }

    /// <summary>All of them.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } = [.. ReaderTargets.All, .. FrameTargets.All,
        .. HostTargets.All];

    /// <summary>Gives an input to a target.</summary>
    /// <returns>What is wrong; null where the reader took it or refused it in its own way.</returns>
    public Exception? Try(byte[] input)
    {
        try
        {
            Run(input);
            return null;
        }
        catch (Exception e)
        {
            return IsOwn(e) ? null : e;
        }
    }

    private static bool IsOwn(Exception failure) =>
        failure is VgpuException { Message.Length: > 0, RecommendedAction.Length: > 0 } and not ProgramFaultException;
}

/// <summary>A rule that holds for every input, and did not for this one.</summary>
public sealed class BrokenRuleException(string message) : Exception(message);
