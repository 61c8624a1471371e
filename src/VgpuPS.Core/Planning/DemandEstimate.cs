namespace VgpuPS.Core.Planning;

/// <summary>Demand learned from requested starts: old ones fade, new ones count, no profile is ever
/// forgotten.</summary>
/// <remarks>Source: planner.md 4, step 1.</remarks>
public static class DemandEstimate
{
    private const double FlatWeight = 20;
    private const double MediaWeight = 0.2;
    private const double Decay = 1 - (1.0 / 500);

    /// <summary>Counts before the first request: flat, profiles with media engines less.</summary>
    public static IReadOnlyDictionary<string, double> Start(IReadOnlyList<ProfileShape> shapes)
    {
        var sum = shapes.Sum(s => s.TakesMedia ? MediaWeight : 1);
        return shapes.ToDictionary(
            s => s.Name, s => FlatWeight * (s.TakesMedia ? MediaWeight : 1) / sum, StringComparer.Ordinal);
    }

    /// <summary>Counts after one more request of a profile.</summary>
    public static IReadOnlyDictionary<string, double> Learn(
        IReadOnlyDictionary<string, double>? counts, IReadOnlyList<ProfileShape> shapes, string requested)
    {
        var known = counts ?? Start(shapes);
        return shapes.ToDictionary(
            s => s.Name, s => (known.GetValueOrDefault(s.Name) * Decay) + (s.Name == requested ? 1 : 0),
            StringComparer.Ordinal);
    }

    /// <summary>Shares in the order of the shapes, sum 1, none 0.</summary>
    public static IReadOnlyList<double> Shares(
        IReadOnlyDictionary<string, double>? counts, IReadOnlyList<ProfileShape> shapes)
    {
        var known = counts ?? Start(shapes);
        var raw = shapes.Select(s => Math.Max(0, known.GetValueOrDefault(s.Name))).ToList();
        var sum = raw.Sum();
        var mixed = raw.Select(r => (sum > 0 ? r / sum : 1.0 / raw.Count) + 0.001).ToList();
        var total = mixed.Sum();
        return [.. mixed.Select(m => m / total)];
    }
}
