using VgpuPS.Core.Rows;

namespace VgpuPS.Core.Performance;

/// <summary>Compares what vGPUs deliver on two sides, such as time-sliced and MIG-backed.</summary>
/// <param name="Rows">A row for each workload and mode that a side has, in the order of the article's table.</param>
/// <param name="Warnings">What the sides differ in beside their sharing, in words.</param>
/// <remarks>Source: facts/measuring.md F2 and F23.</remarks>
public sealed record SharingComparison(IReadOnlyList<VgpuSharingInfo> Rows, IReadOnlyList<string> Warnings)
{
    /// <summary>Compares two sets of results, one of which may be empty.</summary>
    /// <exception cref="InvalidRequestException">A side is not of one kind, or one was measured on a GPU and the other
    /// is simulated.</exception>
    public static SharingComparison Of(
        IReadOnlyList<VgpuPerformanceInfo> reference, IReadOnlyList<VgpuPerformanceInfo> difference)
    {
        var (one, other) = (new SharingSide("reference", reference), new SharingSide("difference", difference));
        if (reference.Count > 0 && difference.Count > 0 && reference[0].IsSimulated != difference[0].IsSimulated)
        {
            var simulated = reference[0].IsSimulated ? one.Name : other.Name;
            throw new InvalidRequestException(
                ErrorIds.MeasurementsNotComparable,
                $"the {simulated} is simulated, by a model of a GPU, and the other side was measured on one",
                $"measure the {simulated} on that GPU too: Measure-VgpuPerformance -VmId …", simulated);
        }

        var differences = SideDifferences.Find(one, other);
        var host = string.Join(", ", one.Distinct(r => r.VgpuHost).Union(other.Distinct(r => r.VgpuHost)));
        var rows = from workload in Workload.All
                   from mode in Enum.GetNames<LoadMode>()
                   where one.Find(workload.Name, mode) is not null || other.Find(workload.Name, mode) is not null
                   select Row(one, other, workload, mode, differences) with { VgpuHost = host };
        return new SharingComparison([.. rows], [.. differences, .. SideDifferences.FindMissing(one, other)]);
    }

    private static VgpuSharingInfo Row(
        SharingSide one, SharingSide other, Workload workload, string mode, IReadOnlyList<string> differences)
    {
        var (left, right) = (one.Find(workload.Name, mode), other.Find(workload.Name, mode));
        return new VgpuSharingInfo
        {
            Workload = workload.Name,
            Mode = mode,
            Unit = workload.Unit,
            Reference = one.Text,
            Difference = other.Text,
            ReferenceSharing = one.Sharing,
            DifferenceSharing = other.Sharing,
            ReferenceValue = left?.Value,
            DifferenceValue = right?.Value,
            ReferenceValues = left?.Values ?? [],
            DifferenceValues = right?.Values ?? [],
            ReferenceWorkingCount = left?.WorkingCount,
            DifferenceWorkingCount = right?.WorkingCount,
            ReferenceSum = left?.Sum,
            DifferenceSum = right?.Sum,
            ReferencePeak = left?.Peak,
            DifferencePeak = right?.Peak,
            Noise = left?.Noise is { } a && right?.Noise is { } b ? Math.Sqrt((a * a) + (b * b)) : null,
            ReferenceSwitchingPrice = one.SwitchingPrice(workload.Name, mode),
            DifferenceSwitchingPrice = other.SwitchingPrice(workload.Name, mode),
            ReferenceLoadedChangePercent = one.LoadedChangePercent(workload.Name, mode),
            DifferenceLoadedChangePercent = other.LoadedChangePercent(workload.Name, mode),
            IsSimulated = one.Results.Concat(other.Results).Any(r => r.IsSimulated),
            Notes =
            [
                .. left is null || right is null
                    ? [$"the {(left is null ? one : other).Name} has no result of it"] : Array.Empty<string>(),
                .. differences, .. left?.Notes ?? [], .. right?.Notes ?? [],
            ],
        };
    }
}
