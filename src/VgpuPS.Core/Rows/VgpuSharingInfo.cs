namespace VgpuPS.Core.Rows;

/// <summary>What vGPUs deliver in one workload and one mode on two sides, such as time-sliced and MIG-backed.</summary>
/// <remarks>Members of a side are null where it has no result of the workload and mode.</remarks>
public sealed record VgpuSharingInfo : HostObject
{
    /// <summary>What was exercised: <c>SmallGemm</c>.</summary>
    public required string Workload { get; init; }

    /// <summary><c>Idle</c>: one vGPU worked; <c>Loaded</c>: all at once.</summary>
    public required string Mode { get; init; }

    /// <summary><c>GB/s</c> (1e9 bytes) or <c>GFLOP/s</c>.</summary>
    public required string Unit { get; init; }

    /// <summary>vGPUs of the reference: <c>4 x A30-6C time-sliced</c>.</summary>
    public required string? Reference { get; init; }

    /// <summary>vGPUs of the other side: <c>4 x A30-1-6C MIG-backed</c>.</summary>
    public required string? Difference { get; init; }

    /// <summary><c>TimeSliced</c> or <c>MigBacked</c>.</summary>
    public required string? ReferenceSharing { get; init; }

    /// <summary><c>TimeSliced</c> or <c>MigBacked</c>.</summary>
    public required string? DifferenceSharing { get; init; }

    /// <summary>What a vGPU delivers: the mean over the VMs of their medians, in <see cref="Unit"/>.</summary>
    public required double? ReferenceValue { get; init; }

    /// <summary>What a vGPU delivers: the mean over the VMs of their medians, in <see cref="Unit"/>.</summary>
    public required double? DifferenceValue { get; init; }

    /// <summary>Each VM's figure, in ascending VM id, in <see cref="Unit"/>.</summary>
    public required IReadOnlyList<double> ReferenceValues { get; init => field = RowList.Of(value); }

    /// <summary>Each VM's figure, in ascending VM id, in <see cref="Unit"/>.</summary>
    public required IReadOnlyList<double> DifferenceValues { get; init => field = RowList.Of(value); }

    /// <summary>How many vGPUs of a GPU worked at once.</summary>
    public required int? ReferenceWorkingCount { get; init; }

    /// <summary>How many vGPUs of a GPU worked at once.</summary>
    public required int? DifferenceWorkingCount { get; init; }

    /// <summary>What all vGPUs of a GPU that worked delivered together, in <see cref="Unit"/>.</summary>
    public required double? ReferenceSum { get; init; }

    /// <summary>What all vGPUs of a GPU that worked delivered together, in <see cref="Unit"/>.</summary>
    public required double? DifferenceSum { get; init; }

    /// <summary>What the board can at most, in <see cref="Unit"/>; null where it is not known.</summary>
    public required double? ReferencePeak { get; init; }

    /// <summary>What the board can at most, in <see cref="Unit"/>; null where it is not known.</summary>
    public required double? DifferencePeak { get; init; }

    /// <summary>The sum of the board's peak, from 0 to 1.</summary>
    public double? ReferenceEfficiency => ReferenceSum / ReferencePeak;

    /// <summary>The sum of the board's peak, from 0 to 1.</summary>
    public double? DifferenceEfficiency => DifferenceSum / DifferencePeak;

    /// <summary>How much more a vGPU delivers than one of the reference, in <see cref="Unit"/>.</summary>
    public double? Change => DifferenceValue - ReferenceValue;

    /// <summary>The same in percent of the reference; null where that delivers nothing.</summary>
    public double? ChangePercent => ReferenceValue > 0 ? 100 * Change / ReferenceValue : null;

    /// <summary>How far figures went up and down while they were measured, in <see cref="Unit"/>: half the distance of
    /// the quartiles, or what repeats differ by where that is more; mean of the VMs, and the root of both sides'
    /// squares. Null where a side has neither.</summary>
    public required double? Noise { get; init; }

    /// <summary>The same in percent of the reference.</summary>
    public double? NoisePercent => ReferenceValue > 0 ? 100 * Noise / ReferenceValue : null;

    /// <summary>Whether the change is more than the noise; null where one of them is not known.</summary>
    public bool? IsAboveNoise => Change is { } change && Noise is { } noise ? Math.Abs(change) > noise : null;

    /// <summary>Price of context switching, from 0 to 1: what the loaded sum lacks of the idle value. For the loaded
    /// mode of time-sliced vGPUs that share by best effort; null for others, whose idle value is not the
    /// GPU's.</summary>
    public required double? ReferenceSwitchingPrice { get; init; }

    /// <summary>Price of context switching, from 0 to 1, as for the reference.</summary>
    public required double? DifferenceSwitchingPrice { get; init; }

    /// <summary>What becomes of a vGPU's value from idle to loaded, in percent; null for the idle mode.</summary>
    public required double? ReferenceLoadedChangePercent { get; init; }

    /// <summary>What becomes of a vGPU's value from idle to loaded, in percent; null for the idle mode.</summary>
    public required double? DifferenceLoadedChangePercent { get; init; }

    /// <summary>Whether a model of a GPU answered, and no GPU.</summary>
    public required bool IsSimulated { get; init; }

    /// <summary>What sides differ in beside their sharing, and what may have spoilt figures, in words.</summary>
    public required IReadOnlyList<string> Notes { get; init => field = RowList.Of(value); }

    /// <summary>Workload, mode and both values.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Workload} {Mode}: {ReferenceValue:0.#} and {DifferenceValue:0.#} {Unit}");
}
