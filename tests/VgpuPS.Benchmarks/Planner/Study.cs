using System.Diagnostics;
using VgpuPS.Core.Planning;

namespace VgpuPS.Benchmarks.Planner;

/// <summary>Plays all policies on the same streams, mix by mix and seed by seed.</summary>
/// <remarks>Source: planner.md 6.</remarks>
internal static class Study
{
    public static int Run(IReadOnlyList<string> arguments)
    {
        var options = StudyOptions.Read(arguments);
        Console.WriteLine(
            $"{options.Model.Name}, {options.Gpus} GPUs, rho {options.Rho}, seeds "
                + $"{options.Seeds[0]}-{options.Seeds[^1]},"
            + $" {(options.LivesForever
                ? "no departures" : $"{options.Requests} requests a seed, first 3 lives dropped")}");
        Console.WriteLine(Conditions.Describe());
        var started = Stopwatch.GetTimestamp();
        var cells = new List<StudyCell>();
        foreach (var (name, shares) in options.Mixes)
        {
            cells.AddRange(Play(options, name, shares));
            StudyReport.PrintMix(name, [.. cells.Where(c => c.Mix == name)]);
        }

        StudyReport.PrintMean(options, cells);
        Console.WriteLine($"took {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s");
        return StudyGates.Print(options, cells) ? 0 : 1;
    }

    private static IReadOnlyList<StudyCell> Play(StudyOptions options, string mix, Func<double, double[]> shares)
    {
        var cells = options.Policies.Where(
            p => p != Policies.Oracle || RepackBound.For(options.Model.Shapes) is not null)
            .Select(p => new StudyCell(mix, p, new RunResult[options.Seeds.Count])).ToList();

        // The mix that a policy "knows": what the stream holds over its whole length.
        double[] known = [.. Enumerable.Range(0, 100).Select(i => shares((i + 0.5) / 100))
            .Aggregate((a, b) => [.. a.Zip(b, (x, y) => x + y)])];
        Parallel.For(0, options.Seeds.Count, index =>
        {
            var stream = RequestStream.Draw(options.Model, options.Gpus, shares, options, options.Seeds[index]);
            foreach (var cell in cells)
            {
                var run = new StudyRun(options.Model, stream);
                cell.Runs[index] = cell.Policy == Policies.Oracle
                    ? run.PlayOracle(RepackBound.For(options.Model.Shapes)!, options.Gpus)
                    : run.Play(Policies.Make(cell.Policy, options.Model, known), options.Gpus);
            }
        });
        return cells;
    }
}

/// <summary>One policy on one mix, seed by seed.</summary>
internal sealed record StudyCell(string Mix, string Policy, RunResult[] Runs);
