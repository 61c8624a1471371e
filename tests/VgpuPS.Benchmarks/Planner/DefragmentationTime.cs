using System.Diagnostics;
using System.Globalization;
using VgpuPS.Core.Planning;

namespace VgpuPS.Benchmarks.Planner;

/// <summary>
/// How long the search for the fewest restarts takes on a cluster that random starts and stops filled.
/// </summary>
internal static class DefragmentationTime
{
    public const double Bar = 200;

    private static readonly string[] s_models = ["A30", "A100", "H200", "RTX PRO 6000"];

    public static int Run(IReadOnlyList<string> arguments)
    {
        var options = Options.Read(arguments, "gpus", "seeds");
        var (gpus, seeds) = (options.Number("gpus", 100), options.Number("seeds", 40));
        var holds = true;
        Console.WriteLine(Conditions.Describe());
        Console.WriteLine(
            $"the fewest restarts, at most 3, on {gpus} GPUs of one model filled until nothing of the largest fits; "
                + $"{seeds} seeds, every profile; those that fit already and those that counting excludes left "
                + "out");
        Console.WriteLine(
            "model                                         | plans   1   2   3 none bounded | ms of processor: "
                + "median    p99    max | wall: median    max");
        foreach (var name in s_models)
        {
            var model = StudyModel.Load(name);
            var table = PriceTable.Fit(model.Shapes, [.. model.Shapes.Select(s => s.TakesMedia ? 0.2 : 1)]);
            var times = new List<double>();
            var own = new List<double>();
            var counts = new int[6];
            Measure(model, table, gpus, 2, [], [], new int[6]);
            Measure(model, table, gpus, seeds, times, own, counts);
            var worst = Statistics.Quantile(own, 0.99);
            holds &= worst < Bar;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{model.Name,-45} | {times.Count,5} {counts[1],3} {counts[2],3} {counts[3],3} {counts[4],4} "
                + $"{counts[5],7} | {Statistics.Quantile(own, 0.5),9:0.0} {worst,6:0.0} {own.Max(),6:0.0} | "
                + $"{Statistics.Quantile(times, 0.5),9:0.0} {times.Max(),6:0.0}"));
        }

        Console.WriteLine($"{(holds ? "PASS" : "FAIL")}  plan < {Bar} ms of processor (p99)");
        return holds ? 0 : 1;
    }

    private static void Measure(
        StudyModel model, PriceTable table, int gpus, int seeds, List<double> times, List<double> own, int[] counts)
    {
        int[] everywhere = [.. Enumerable.Range(0, gpus)];
        for (var seed = 0; seed < seeds; seed++)
        {
            var (state, held) = Fill(model, table, gpus, seed);
            foreach (var shape in model.Shapes)
            {
                var problem = new RestartProblem(state, held, new PackItem(shape.Name, everywhere))
                {
                    Prices = [.. Enumerable.Repeat(table, gpus)],
                };
                var (started, used) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
                var found = RestartSearch.Find(problem, 3);
                if (!found.IsImpossible && found.Solution is not { Holders.Count: 0 })
                {
                    own.Add((Environment.CpuUsage.TotalTime - used).TotalMilliseconds);
                    times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                    counts[found.Solution?.Holders.Count ?? 4]++;
                    counts[5] += found.IsExact ? 0 : 1;
                }
            }
        }
    }

    private static (IReadOnlyList<PackGpu> Gpus, IReadOnlyList<HeldInstance> Held) Fill(
        StudyModel model, PriceTable table, int gpus, int seed)
    {
        var cluster = new Cluster(model, gpus);
        var random = new Random(seed);
        var placed = new List<(int Shape, Instance Instance)>();
        for (var i = 0; i < gpus * 60; i++)
        {
            var shape = random.Next(model.Shapes.Count);
            if (table.FindBest(model.Shapes[shape], cluster.Gpus) is { } place)
            {
                placed.Add((shape, cluster.Place(shape, place.Gpu, place.Window)));
            }

            // From a third to nearly none free, by seed.
            if (placed.Count > gpus * (2.0 + (seed % 4 * 0.4)))
            {
                var index = random.Next(placed.Count);
                cluster.Remove(placed[index].Instance);
                placed.RemoveAt(index);
            }
        }

        int[] everywhere = [.. Enumerable.Range(0, gpus)];
        return (
            [.. cluster.Gpus.ToArray().Select(o => new PackGpu(model.Shapes, o))],
            [
                .. placed.Select((p, n) => new HeldInstance(
                    p.Instance.Gpu, p.Instance.Window, model.Shapes[p.Shape].TakesMedia, [n],
                    new PackItem(model.Shapes[p.Shape].Name, everywhere))),
            ]);
    }
}
