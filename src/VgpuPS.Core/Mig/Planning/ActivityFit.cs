namespace VgpuPS.Core.Mig.Planning;

/// <summary>Finds the activities whose random fillings hold profiles in the proportion of demand, as full as possible.</summary>
/// <remarks>Source: planner study, section 4, steps 2 to 5, with its constants.</remarks>
public sealed class ActivityFit
{
    private const double MaxFugacity = 30;

    private readonly IReadOnlyList<ProfileShape> _shapes;
    private readonly double[] _demand;
    private readonly List<(int[] Counts, double LogWays)> _fillings;

    private ActivityFit(IReadOnlyList<ProfileShape> shapes, IReadOnlyList<double> demand)
    {
        _shapes = shapes;
        var sum = demand.Sum();
        _demand = [.. demand.Select(d => d / sum)];
        _fillings = Enumerate(shapes);
    }

    /// <summary>Fits the activities.</summary>
    /// <param name="shapes">The model's profiles.</param>
    /// <param name="demand">Share of each, any scale, not all 0.</param>
    public static IReadOnlyList<double> Fit(IReadOnlyList<ProfileShape> shapes, IReadOnlyList<double> demand) =>
        new ActivityFit(shapes, demand).Run();

    /// <summary>Mean number of instances of each profile in a random filling with these activities.</summary>
    public static IReadOnlyList<double> Expect(IReadOnlyList<ProfileShape> shapes, IReadOnlyList<double> activities) =>
        new ActivityFit(shapes, [.. shapes.Select(_ => 1.0)]).Expect([.. activities.Select(a => Math.Log(a))]);

    private double[] Run()
    {
        var low = 0.0;
        var high = PriceTable.SlotCount(_shapes) / _shapes.Select((s, i) => s.Size * _demand[i]).Sum();
        var best = Start();
        for (var step = 0; step < 14; step++)
        {
            var theta = (low + high) / 2;
            var trial = best.ToArray();
            if (TryFit(theta, trial))
            {
                best = trial;
                low = theta;
            }
            else
            {
                high = theta;
            }
        }

        return [.. best.Select(l => Math.Exp(l))];
    }

    private double[] Start() => [.. _demand.Select(d => d > 0 ? -1.0 : double.NegativeInfinity)];

    private bool TryFit(double theta, double[] log)
    {
        var error = double.MaxValue;
        for (var round = 0; round < 150 && error >= 1e-3; round++)
        {
            var mean = Expect(log);
            error = 0;
            for (var p = 0; p < log.Length; p++)
            {
                if (_demand[p] <= 0)
                {
                    continue;
                }

                var ratio = Math.Log(theta * _demand[p] / mean[p]);
                error = Math.Max(error, Math.Abs(ratio));
                log[p] = Math.Clamp(log[p] + (0.6 * Math.Clamp(ratio, -2, 2)), -30, 30);
            }
        }

        return error < 0.02 && log.Select((l, p) => l <= _shapes[p].Size * Math.Log(MaxFugacity)).All(ok => ok);
    }

    private double[] Expect(double[] log)
    {
        var mean = new double[log.Length];
        var total = 0.0;
        var top = _fillings.Max(f => Weight(f, log));
        foreach (var filling in _fillings)
        {
            var weight = Math.Exp(Weight(filling, log) - top);
            total += weight;
            for (var p = 0; p < mean.Length; p++)
            {
                mean[p] += weight * filling.Counts[p];
            }
        }

        return [.. mean.Select(m => m / total)];
    }

    private static double Weight((int[] Counts, double LogWays) filling, double[] log)
    {
        var weight = filling.LogWays;
        for (var p = 0; p < log.Length; p++)
        {
            if (filling.Counts[p] > 0)
            {
                weight += filling.Counts[p] * log[p];
            }
        }

        return weight;
    }

    /// <summary>All fillings of an empty GPU, grouped by how many of each profile they hold.</summary>
    private static List<(int[] Counts, double LogWays)> Enumerate(IReadOnlyList<ProfileShape> shapes)
    {
        var full = (1u << PriceTable.SlotCount(shapes)) - 1;
        var memo = new Dictionary<Occupancy, Dictionary<ulong, double>>();
        return [.. Ways(new Occupancy(0, false)).Select(w => (
            Enumerable.Range(0, shapes.Count).Select(p => (int)((w.Key >> (p * 4)) & 15)).ToArray(), Math.Log(w.Value)))];

        Dictionary<ulong, double> Ways(Occupancy occupancy)
        {
            if (occupancy.Mask == full)
            {
                return new Dictionary<ulong, double> { [0] = 1 };
            }

            if (memo.TryGetValue(occupancy, out var known))
            {
                return known;
            }

            var slot = System.Numerics.BitOperations.TrailingZeroCount(~occupancy.Mask);
            var sum = new Dictionary<ulong, double>(Ways(occupancy with { Mask = occupancy.Mask | (1u << slot) }));
            for (var p = 0; p < shapes.Count; p++)
            {
                foreach (var window in shapes[p].Windows.Where(w => w.Start == slot && occupancy.Takes(shapes[p], w)))
                {
                    foreach (var (counts, ways) in Ways(occupancy.With(shapes[p], window)))
                    {
                        var key = counts + (1ul << (p * 4));
                        sum[key] = sum.GetValueOrDefault(key) + ways;
                    }
                }
            }

            return memo[occupancy] = sum;
        }
    }
}
