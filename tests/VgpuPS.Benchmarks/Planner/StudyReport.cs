using System.Globalization;

namespace VgpuPS.Benchmarks.Planner;

/// <summary>The study's tables: means, paired differences to MFI with their 95 % interval, and the worst mix.</summary>
internal static class StudyReport
{
    private const string Head =
        "policy         | accepted %  vs MFI pp       worst | slices %  vs MFI pp       worst | largest % | active GPUs"
        + " | stops/acc. | us median    p99";

    public static void PrintMix(string mix, IReadOnlyList<StudyCell> cells)
    {
        Console.WriteLine($"\n{mix}\n{Head}");
        foreach (var cell in cells)
        {
            Print(cell.Policy, [cell], cells);
        }
    }

    public static void PrintMean(StudyOptions options, IReadOnlyList<StudyCell> cells)
    {
        if (options.Mixes.Count < 2)
        {
            return;
        }

        Console.WriteLine(
            $"\nmean over {options.Mixes.Count} mixes (* the interval of the difference excludes 0)\n{Head}");
        foreach (var policy in cells.Select(c => c.Policy).Distinct())
        {
            Print(policy, [.. cells.Where(c => c.Policy == policy)], cells);
        }
    }

    /// <summary>Differences to MFI in percentage points: one value a seed, the mean over the mixes.</summary>
    public static IReadOnlyList<double> Differences(
        IReadOnlyList<StudyCell> own, IReadOnlyList<StudyCell> all, Func<RunResult, double> value)
    {
        var pairs = own.Select(c => (c.Runs, all.First(m => m.Mix == c.Mix && m.Policy == Policies.Mfi).Runs)).ToList();
        return [.. Enumerable.Range(0, own[0].Runs.Length)
            .Select(seed => pairs.Average(p => value(p.Item1[seed]) - value(p.Item2[seed])))];
    }

    /// <summary>The mix where a policy is farthest behind MFI.</summary>
    public static (string Mix, double Difference) Worst(
        IReadOnlyList<StudyCell> own, IReadOnlyList<StudyCell> all, Func<RunResult, double> value) =>
        own.Select(c => (c.Mix, Differences([c], all, value).Average())).MinBy(w => w.Item2);

    private static void Print(string policy, IReadOnlyList<StudyCell> own, IReadOnlyList<StudyCell> all)
    {
        var runs = own.SelectMany(c => c.Runs).ToList();
        var times = runs.SelectMany(r => r.Microseconds).ToList();
        var largest = runs.Select(r => r.Largest).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{policy,-14} |     {100 * runs.Average(r => r.Accepted),6:0.00}  {Compare(own, all, r => r.Accepted)}"
            + $" |   {100 * runs.Average(r => r.Slices),6:0.00}  {Compare(own, all, r => r.Slices)}"
            + $" |    {100 * largest,6:0.00} |      {runs.Average(r => r.ActiveGpus),6:0.00}"
            + $" |      {runs.Average(r => r.StopsPerAccepted),5:0.000}"
            + $" |    {Statistics.Quantile(times, 0.5),6:0.00} {Statistics.Quantile(times, 0.99),6:0.00}"));
    }

    private static string Compare(
        IReadOnlyList<StudyCell> own, IReadOnlyList<StudyCell> all, Func<RunResult, double> value)
    {
        var samples = Differences(own, all, value);
        var mean = 100 * samples.Average();
        var half = 100 * Statistics.HalfWidth(samples);
        var mark = Math.Abs(mean) > half ? '*' : ' ';
        var text = string.Create(CultureInfo.InvariantCulture, $"{mean:+0.00;-0.00}±{half:0.00}{mark}");
        return string.Create(
            CultureInfo.InvariantCulture, $"{text,-13} {100 * Worst(own, all, value).Difference,6:+0.00;-0.00}");
    }
}
