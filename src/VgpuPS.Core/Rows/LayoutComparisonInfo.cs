namespace VgpuPS.Core.Rows;

/// <summary>How a host stands to a layout.</summary>
public sealed record LayoutComparisonInfo : HostObject
{
    /// <summary>Whether everything matches the layout.</summary>
    public required bool Passed { get; init; }

    /// <summary>The GPUs that it is about, for display.</summary>
    public required string Target { get; init; }

    /// <summary>What would make it so, in order; none where it is so.</summary>
    public required IReadOnlyList<string> Steps { get; init => field = RowList.Of(value); }

    /// <summary>What would be lost by it.</summary>
    public required IReadOnlyList<string> Losses { get; init => field = RowList.Of(value); }

    /// <summary>Why it cannot be made so; null where it can.</summary>
    public required string? Refusal { get; init; }
}
