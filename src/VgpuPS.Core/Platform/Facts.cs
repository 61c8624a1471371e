using VgpuPS.Core.Errors;

namespace VgpuPS.Core.Platform;

/// <summary>Makes facts.</summary>
public static class Facts
{
    /// <summary>Reads something, and keeps what that came to.</summary>
    /// <param name="read">Reads it.</param>
    public static Fact<T> Read<T>(Func<T> read)
    {
        try
        {
            return new Fact<T>(read(), null);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // One fact that cannot be read must not take the others along, whatever is thrown.
            return Unread<T>(ProgramFaultException.Explain(failure, "reading it"));
        }
    }

    /// <summary>Something that could not be read.</summary>
    /// <param name="failure">Why.</param>
    public static Fact<T> Unread<T>(VgpuException failure) => new(default!, failure);
}
