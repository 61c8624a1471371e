namespace VgpuPS.Core.Performance;

/// <summary>What samples come to.</summary>
/// <param name="Median">Their median.</param>
/// <param name="Spread">Distance of their quartiles; null for fewer than two.</param>
public sealed record SampleSummary(double Median, double? Spread)
{
    /// <summary>Of one sample or more, in any order.</summary>
    public static SampleSummary Of(IEnumerable<double> samples)
    {
        double[] sorted = [.. samples.Order()];
        return new SampleSummary(
            At(sorted, 0.5), sorted.Length < 2 ? null : At(sorted, 0.75) - At(sorted, 0.25));
    }

    // Between two samples in proportion.
    private static double At(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        return below + 1 == sorted.Length ? sorted[below]
            : sorted[below] + ((place - below) * (sorted[below + 1] - sorted[below]));
    }
}
