using System.Globalization;

namespace VgpuPS.Benchmarks.Planner;

/// <summary>Conditions of a study.</summary>
internal sealed record StudyOptions
{
    private const string Drift = "drift";

    public required StudyModel Model { get; init; }

    public required int Gpus { get; init; }

    /// <summary>Offered load; with lives without end, the demand at the end as a share of all slices.</summary>
    public required double Rho { get; init; }

    public required IReadOnlyList<int> Seeds { get; init; }

    public required int Requests { get; init; }

    public required bool LivesForever { get; init; }

    public required IReadOnlyList<string> Policies { get; init; }

    /// <summary>Mixes by name: shares at a moment of the stream, from 0 to 1.</summary>
    public required IReadOnlyList<(string Name, Func<double, double[]> Shares)> Mixes { get; init; }

    /// <summary>Whether the acceptance gates of the study were stated for these conditions.</summary>
    public required bool IsReference { get; init; }

    public static StudyOptions Read(IReadOnlyList<string> arguments)
    {
        var options = Options.Read(
            arguments, "model", "gpus", "rho", "seeds", "first-seed", "requests", "mix", "policies", "life");
        var model = StudyModel.Load(options.Text("model", "A100"));
        var first = options.Number("first-seed", 1);
        var life = options.Text("life", "exponential");
        var gpus = options.Number("gpus", 8);
        var rho = options.Real("rho", 0.85);
        var mix = options.Text("mix", "all");
        return new StudyOptions
        {
            Model = model,
            Gpus = gpus,
            Rho = rho,
            Seeds = [.. Enumerable.Range(first, options.Number("seeds", 20))],
            Requests = options.Number("requests", 20000),
            LivesForever = life switch
            {
                "exponential" => false,
                "forever" => true,
                _ => throw new FormatException($"--life {life}: exponential or forever"),
            },
            Policies = ReadPolicies(options.Text("policies", "all")),
            Mixes = ReadMixes(model, mix),
            IsReference = model.Shapes.Count == 7 && gpus == 8 && rho == 0.85 && mix == "all" && life == "exponential",
        };
    }

    /// <summary>The baseline comes with every choice: differences are paired with it.</summary>
    private static IReadOnlyList<string> ReadPolicies(string text)
    {
        var wanted = text == "all" ? AllPolicies
            : text.Split(',', StringSplitOptions.TrimEntries).Append(VgpuPS.Benchmarks.Planner.Policies.Mfi);
        var unknown = wanted.Except(AllPolicies).ToList();
        return unknown.Count > 0
            ? throw new FormatException($"no policy '{unknown[0]}'; there are {string.Join(", ", AllPolicies)}")
            : [.. AllPolicies.Where(wanted.Contains)];
    }

    private static IReadOnlyList<string> AllPolicies => VgpuPS.Benchmarks.Planner.Policies.Names;

    private static IReadOnlyList<(string Name, Func<double, double[]> Shares)> ReadMixes(StudyModel model, string text)
    {
        if (text == "all" && model.Mixes.Count > 0)
        {
            return [.. model.Mixes.Select(m => (m.Name, Steady(m.Shares)))];
        }

        if (text == Drift && model.Mixes.Count > 2)
        {
            return [(Drift, Drifting(model.Mixes[1].Shares, model.Mixes[2].Shares))];
        }

        if (model.Mixes.FirstOrDefault(m => m.Name == text) is { Name: not null } known)
        {
            return [(known.Name, Steady(known.Shares))];
        }

        double[] shares = [.. text.Split(',').Select(s => double.TryParse(
            s, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) ? share : double.NaN)];
        return shares.Length == model.Shapes.Count && shares.All(double.IsFinite) && shares.Sum() > 0
            ? [(text, Steady(shares))]
            : throw new FormatException(
                $"--mix {text}: all, drift, {string.Join(", ", model.Mixes.Select(m => m.Name))}, or "
                    + $"{model.Shapes.Count} shares"
                + $" in the order {string.Join(',', model.Shapes.Select(s => s.Name))}");
    }

    private static Func<double, double[]> Steady(double[] shares) => _ => shares;

    /// <summary>From one mix to the other and back, twice.</summary>
    private static Func<double, double[]> Drifting(double[] from, double[] to) => moment =>
    {
        var way = (1 - Math.Cos(4 * Math.PI * moment)) / 2;
        return [.. from.Zip(to, (a, b) => (a / from.Sum() * (1 - way)) + (b / to.Sum() * way))];
    };
}
