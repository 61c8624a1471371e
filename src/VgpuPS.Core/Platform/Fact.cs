using VgpuPS.Core.Errors;

namespace VgpuPS.Core.Platform;

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
    /// <exception cref="VgpuException">It could not be; says why.</exception>
    public T Value => _failure is null ? _value : throw _failure;
}
