namespace VgpuPS.Core.Planning;

/// <summary>Finds the activities whose random fillings hold profiles in the proportion of demand, as full as
/// possible.</summary>
/// <remarks>Source: planner.md 4, steps 2 to 5, with its constants.</remarks>
internal sealed class ActivityFit
{
    private const double MaxFugacity = 30;

    // Counts of a filling are kept in four bits each.
    private const int PowerCount = 16;

    private readonly IReadOnlyList<ProfileShape> _shapes;
    private readonly double[] _demand;
    private readonly (int Profile, int Count)[][] _parts;
    private readonly double[] _ways;
    private readonly double[] _powers;

    private ActivityFit(IReadOnlyList<ProfileShape> shapes, IReadOnlyList<double> demand)
    {
        _shapes = shapes;
        var sum = demand.Sum();
        _demand = [.. demand.Select(d => d / sum)];

        // A filling that holds a profile without demand never occurs.
        var fillings = Enumerate(shapes).Where(f => !f.Counts.Where((n, p) => n > 0 && _demand[p] <= 0).Any()).ToList();
        _parts = [.. fillings.Select(f => f.Counts.Index().Where(c => c.Item > 0).ToArray())];
        _ways = [.. fillings.Select(f => f.Ways)];
        _powers = new double[shapes.Count * PowerCount];
    }

    /// <summary>Fits the activities.</summary>
    /// <param name="shapes">The model's profiles.</param>
    /// <param name="demand">Share of each, any scale, not all 0.</param>
    public static IReadOnlyList<double> Fit(IReadOnlyList<ProfileShape> shapes, IReadOnlyList<double> demand) =>
        new ActivityFit(shapes, demand).Run();

    /// <summary>Mean number of instances of each profile in a random filling with these activities.</summary>
    public static IReadOnlyList<double> Expect(IReadOnlyList<ProfileShape> shapes, IReadOnlyList<double> activities)
    {
        var mean = new double[shapes.Count];
        new ActivityFit(shapes, activities).Expect([.. activities.Select(a => Math.Log(a))], mean);
        return mean;
    }

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
        var mean = new double[log.Length];
        var error = double.MaxValue;
        for (var round = 0; round < 150 && error >= 1e-3; round++)
        {
            Expect(log, mean);
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

    /// <remarks>
    /// No overflow: a filling's instances number at most as many as its slices, and no activity passes e^30.
    /// </remarks>
    private void Expect(double[] log, double[] mean)
    {
        for (var p = 0; p < log.Length; p++)
        {
            var activity = Math.Exp(log[p]);
            var power = 1.0;
            for (var n = 0; n < PowerCount; n++, power *= activity)
            {
                _powers[(p * PowerCount) + n] = power;
            }
        }

        Array.Clear(mean);
        var total = 0.0;
        for (var row = 0; row < _ways.Length; row++)
        {
            var weight = _ways[row];
            var parts = _parts[row];
            foreach (var (profile, count) in parts)
            {
                weight *= _powers[(profile * PowerCount) + count];
            }

            total += weight;
            foreach (var (profile, count) in parts)
            {
                mean[profile] += weight * count;
            }
        }

        for (var p = 0; p < mean.Length; p++)
        {
            mean[p] /= total;
        }
    }

    /// <summary>All fillings of an empty GPU, grouped by how many of each profile they hold.</summary>
    private static List<(int[] Counts, double Ways)> Enumerate(IReadOnlyList<ProfileShape> shapes)
    {
        var full = (1u << PriceTable.SlotCount(shapes)) - 1;
        var memo = new Dictionary<Occupancy, Dictionary<ulong, double>>();
        return [.. Ways(new Occupancy(0, false)).Select(w => (
            Enumerable.Range(0, shapes.Count).Select(p => (int)((w.Key >> (p * 4)) & 15)).ToArray(), w.Value))];

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
