using System.Diagnostics;
using System.Globalization;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Planning;

namespace VgpuPS.Benchmarks.Planner;

/// <summary>How long one decision and one fit of the product's planner take.</summary>
internal static class DecisionTime
{
    public const double DecisionBar = 20;
    public const double FitBar = 100;
    private const int Fits = 21;

    private static readonly string[] s_models = ["A30", "A100", "H200", "RTX PRO 6000"];

    public static int Run(IReadOnlyList<string> arguments)
    {
        var options = Options.Read(arguments, "gpus", "runs");
        var gpus = options.Number("gpus", 100);
        var holds = true;
        Console.WriteLine(Conditions.Describe());
        Console.WriteLine(
            $"one decision over {gpus} GPUs of one model, as random starts and stops leave them; one fit of the table");
        Console.WriteLine(
            "model                                         | states | decision us median    p99 | fit ms first  "
                + "median");
        foreach (var name in s_models)
        {
            var model = StudyModel.Load(name);
            var result = Measure(model, gpus, options.Number("runs", 20000));
            holds &= result.Median < DecisionBar && result.Fit < FitBar;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{model.Name,-45} | {result.States,6} |             {result.Median,6:0.00} {result.Tail,6:0.00}"
                + $" |       {result.FirstFit,6:0.0}  {result.Fit,6:0.0}"));
        }

        Console.WriteLine(
            $"{(holds ? "PASS" : "FAIL")}  decision < {DecisionBar} us (median), fit < {FitBar} ms (median)");
        return holds ? 0 : 1;
    }

    /// <summary>Measures on a cluster near its load limit.</summary>
    public static DecisionFigures Measure(StudyModel model, int gpus, int runs)
    {
        var shares = model.Shapes.Select(s => s.TakesMedia ? 0.2 : 1).ToArray();
        var fits = new List<double>();
        var table = PriceTable.From(model.Shapes, shares);
        for (var i = 0; i < Fits; i++)
        {
            var started = Stopwatch.GetTimestamp();
            table = PriceTable.Fit(model.Shapes, shares);
            fits.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        var first = fits[0];
        var states = Load(model, table, gpus);
        var times = new List<double>();
        for (var i = 0; i < runs; i++)
        {
            var shape = model.Shapes[i % model.Shapes.Count];
            var started = Stopwatch.GetTimestamp();
            table.FindBest(shape, states);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds);
        }

        return new DecisionFigures(
            states.Distinct().Count(), Statistics.Quantile(times, 0.5), Statistics.Quantile(times, 0.99), first,
            Statistics.Quantile(fits, 0.5));
    }

    private static Occupancy[] Load(StudyModel model, PriceTable table, int gpus)
    {
        var cluster = new Cluster(model, gpus);
        var random = new Random(1);
        var placed = new List<Instance>();
        for (var i = 0; i < gpus * 40; i++)
        {
            var shape = random.Next(model.Shapes.Count);
            if (table.FindBest(model.Shapes[shape], cluster.Gpus) is { } place)
            {
                placed.Add(cluster.Place(shape, place.Gpu, place.Window));
            }

            if (placed.Count > gpus * 2)
            {
                var index = random.Next(placed.Count);
                cluster.Remove(placed[index]);
                placed.RemoveAt(index);
            }
        }

        return cluster.Gpus.ToArray();
    }
}

/// <summary>Times of decisions in microseconds and of fits in milliseconds.</summary>
internal sealed record DecisionFigures(int States, double Median, double Tail, double FirstFit, double Fit);
