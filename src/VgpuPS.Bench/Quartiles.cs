namespace VgpuPS.Bench;

/// <summary>What is said of a list of samples.</summary>
/// <param name="Minimum">The least.</param>
/// <param name="Lower">A quarter of them is below.</param>
/// <param name="Median">Half of them is below.</param>
/// <param name="Upper">Three quarters of them are below.</param>
/// <param name="Maximum">The greatest.</param>
internal readonly record struct Quartiles(double Minimum, double Lower, double Median, double Upper, double Maximum)
{
    /// <summary>Those of one sample or more, in any order; between two samples along a straight line.</summary>
    /// <remarks>Source: R, function quantile, its default type 7 (assumed).</remarks>
    public static Quartiles Of(IEnumerable<double> samples)
    {
        var sorted = samples.Order().ToArray();
        return new(sorted[0], At(sorted, 0.25), At(sorted, 0.5), At(sorted, 0.75), sorted[^1]);
    }

    private static double At(double[] sorted, double part)
    {
        var position = part * (sorted.Length - 1);
        var below = (int)position;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((position - below) * (sorted[above] - sorted[below]));
    }
}
