namespace VgpuPS.Core.Rows;

/// <summary>A place where a GPU instance of a profile may sit.</summary>
public sealed record MigPlacementInfo : HostObject
{
    /// <summary>UUID of the GPU.</summary>
    public required string GpuUuid { get; init; }

    /// <summary>Address of the GPU.</summary>
    public required string GpuAddress { get; init; }

    /// <summary>Name of the profile.</summary>
    public required string Profile { get; init; }

    /// <summary>Start and size in memory slices, such as <c>0:2</c>.</summary>
    public required string Placement { get; init; }

    /// <summary>First memory slice, from 0.</summary>
    public required int Start { get; init; }

    /// <summary>Number of memory slices.</summary>
    public required int Size { get; init; }

    /// <summary>Whether an instance of the profile could be made there now.</summary>
    public required bool IsFree { get; init; }

    /// <summary>GPU instances that are in its way, ascending.</summary>
    public required IReadOnlyList<uint> TakenBy { get; init; }

    /// <summary>Start and size.</summary>
    public override string ToString() => Placement;
}
