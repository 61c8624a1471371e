using System.Globalization;

namespace VgpuPS.Benchmarks.Planner;

/// <summary>What the planner must reach.</summary>
/// <remarks>
/// Source: planner.md 6; the acceptance gates are stated for seven-slice models, N = 8, rho .85, all mixes.
/// </remarks>
internal static class StudyGates
{
    private const int DecisionGpus = 100;

    /// <summary>Prints each gate; false when one does not hold.</summary>
    public static bool Print(StudyOptions options, IReadOnlyList<StudyCell> cells)
    {
        Console.WriteLine("\ngates");
        var holds = true;
        if (options.IsReference)
        {
            holds &= JudgeAcceptance(cells);
        }
        else
        {
            Console.WriteLine(
                "  acceptance: not judged, the gates are stated for seven-slice models, 8 GPUs, rho .85, all mixes");
        }

        var decision = DecisionTime.Measure(options.Model, DecisionGpus, runs: 20000);
        holds &= Judge(
            $"decision at {DecisionGpus} GPUs, median us", decision.Median, decision.Median < DecisionTime.DecisionBar,
            "< 20");
        return holds & Judge("table fit, ms", decision.Fit, decision.Fit < DecisionTime.FitBar, "< 100");
    }

    private static bool JudgeAcceptance(IReadOnlyList<StudyCell> cells)
    {
        var holds = true;
        if (Of(cells, Policies.MepKnown) is { Count: > 0 } known)
        {
            var (mix, worst) = StudyReport.Worst(known, cells, r => r.Accepted);
            holds &= Judge(
                $"MEP known vs MFI on the worst mix ({mix}), pp accepted", 100 * worst, worst >= -0.001, ">= -0.1");
            holds &= JudgeMean("MEP known vs MFI, pp accepted", known, cells, r => r.Accepted, 0.5);
            holds &= JudgeMean("MEP known vs MFI, pp slices", known, cells, r => r.Slices, 0.8);
            var active = StudyReport.Differences(known, cells, r => r.ActiveGpus).Average();
            holds &= Judge("MEP known vs MFI, active GPUs", active, active <= 0.1, "<= +0.1");
        }

        if (Of(cells, Policies.MepOneMove) is { Count: > 0 } moving)
        {
            holds &= JudgeMean("MEP +1 move vs MFI, pp accepted", moving, cells, r => r.Accepted, 1.5);
            var stops = moving.SelectMany(c => c.Runs).Average(r => r.StopsPerAccepted);
            holds &= Judge("MEP +1 move, stops per accepted", stops, stops <= 0.06, "<= 0.06");
        }

        return holds;
    }

    private static IReadOnlyList<StudyCell> Of(IReadOnlyList<StudyCell> cells, string policy) =>
        [.. cells.Where(c => c.Policy == policy)];

    private static bool JudgeMean(
        string what, IReadOnlyList<StudyCell> own, IReadOnlyList<StudyCell> all, Func<RunResult, double> value,
        double bar)
    {
        var mean = 100 * StudyReport.Differences(own, all, value).Average();
        return Judge(what, mean, mean >= bar, string.Create(CultureInfo.InvariantCulture, $">= +{bar}"));
    }

    private static bool Judge(string what, double value, bool holds, string bar)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"  {(holds ? "PASS" : "FAIL")}  {what}: {value:0.000} ({bar})"));
        return holds;
    }
}
