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

/// <summary>Something that was read of a host, or the reason why it could not be.</summary>
/// <typeparam name="T">What it is.</typeparam>
public sealed class Fact<T>
{
    private readonly T _value;
    private readonly VgpuException? _failure;

    internal Fact(T value, VgpuException? failure) => (_value, _failure) = (value, failure);

    /// <summary>Whether it was read.</summary>
    public bool IsRead => _failure is null;

    /// <summary>What was read.</summary>
    /// <exception cref="VgpuException">It could not be; names the reason.</exception>
    public T Value => _failure is null ? _value : throw _failure;
}
