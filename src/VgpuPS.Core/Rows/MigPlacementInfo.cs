using System.Text.Json.Serialization;

namespace VgpuPS.Core.Rows;

/// <summary>A place where a GPU instance of a profile may sit.</summary>
public sealed record MigPlacementInfo : GpuObject
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string GpuUuid { get; internal set; } = "";

    /// <inheritdoc/>
    [JsonIgnore]
    public override string GpuAddress { get; internal set; } = "";

    /// <summary>Name of the profile.</summary>
    [JsonIgnore]
    public string Profile { get; internal set; } = "";

    /// <summary>Start and size in memory slices, such as <c>0:2</c>.</summary>
    [JsonIgnore]
    public string Placement => Place.ToString();

    internal Placement Place => new(Start, Size);

    /// <summary>First memory slice, from 0.</summary>
    public required int Start { get; init; }

    /// <summary>Number of memory slices.</summary>
    public required int Size { get; init; }

    /// <summary>Whether an instance of the profile could be made there now.</summary>
    [JsonIgnore]
    public bool IsFree { get; internal set; }

    /// <summary>GPU instances that are in its way, ascending.</summary>
    [JsonIgnore]
    public IReadOnlyList<uint> TakenBy { get; internal set => field = RowList.Of(value); } = RowList.Of<uint>([]);

    /// <summary>Start and size.</summary>
    public override string ToString() => Placement;
}
