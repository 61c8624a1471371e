using System.Text.Json.Serialization;

namespace VgpuPS.Core.Rows;

/// <summary>The scheduler of a GPU's time-sliced vGPUs.</summary>
public sealed record VgpuSchedulerInfo : GpuObject
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string GpuUuid { get; internal set; } = "";

    /// <inheritdoc/>
    [JsonIgnore]
    public override string GpuAddress { get; internal set; } = "";

    /// <summary>
    /// <c>BestEffort</c>, <c>EqualShare</c>, <c>FixedShare</c>, or null where the driver reports none.
    /// </summary>
    public required string? Policy { get; init; }

    /// <summary>Length of a time slice in milliseconds; null where the policy has none.</summary>
    public required double? TimesliceMilliseconds { get; init; }

    /// <summary>Policies that can be set.</summary>
    public required IReadOnlyList<string> Policies { get; init => field = RowList.Of(value); }

    /// <summary>Shortest slice in milliseconds; null where the driver reports none.</summary>
    public required double? MinTimesliceMilliseconds { get; init; }

    /// <summary>Longest slice in milliseconds; null where the driver reports none.</summary>
    public required double? MaxTimesliceMilliseconds { get; init; }

    /// <summary>Its GPU's UUID.</summary>
    public override string ToString() => GpuUuid;
}
