namespace VgpuPS.Benchmarks;

/// <summary>Sums of samples.</summary>
internal static class Statistics
{
    // Student's t, two-sided 95 %, by degrees of freedom from 1.
    private static readonly double[] s_student =
    [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
        2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
    ];

    /// <summary>Half the width of the mean's 95 % interval; infinite for one sample.</summary>
    public static double HalfWidth(IReadOnlyList<double> samples)
    {
        if (samples.Count < 2)
        {
            return double.PositiveInfinity;
        }

        var mean = samples.Average();
        var variance = samples.Sum(s => (s - mean) * (s - mean)) / (samples.Count - 1);
        var student = samples.Count - 2 < s_student.Length ? s_student[samples.Count - 2] : 1.96;
        return student * Math.Sqrt(variance / samples.Count);
    }

    /// <summary>A quantile of samples, which are sorted in place.</summary>
    public static double Quantile(List<double> samples, double share)
    {
        samples.Sort();
        return samples.Count == 0 ? double.NaN : samples[Math.Min(samples.Count - 1, (int)(share * samples.Count))];
    }
}
