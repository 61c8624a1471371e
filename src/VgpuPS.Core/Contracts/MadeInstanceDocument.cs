namespace VgpuPS.Core.Contracts;

/// <summary>An instance that the hook made, as the claims file holds it, with plain ids.</summary>
public sealed record MadeInstanceDocument
{
    /// <summary>Address of the GPU.</summary>
    public required string Gpu { get; init; }

    /// <summary>Profile of the GPU instance.</summary>
    public required uint Profile { get; init; }

    /// <summary>First memory slice.</summary>
    public required int Start { get; init; }

    /// <summary>Number of memory slices.</summary>
    public required int Size { get; init; }

    /// <summary>Id of the GPU instance; null until it has been read back.</summary>
    public uint? Instance { get; init; }

    /// <summary>Whether the GPU instance itself is the hook's.</summary>
    public required bool IsOurs { get; init; }

    /// <summary>Id of the compute instance that the hook made; null for none.</summary>
    public uint? ComputeInstance { get; init; }
}
