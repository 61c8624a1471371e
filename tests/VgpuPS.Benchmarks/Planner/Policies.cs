using VgpuPS.Core.Gpu;

namespace VgpuPS.Benchmarks.Planner;

/// <summary>Instances that move, and where the request goes then.</summary>
internal sealed record Choice(
    int Gpu, Placement Window, IReadOnlyList<(Instance Instance, int Gpu, Placement Window)> Moves);

/// <summary>Decides where a request goes; null refuses it. One object serves one run.</summary>
internal interface IPolicy
{
    Choice? Choose(Cluster cluster, int shape);

    /// <summary>Told of each request before its decision.</summary>
    void Learn(int shape)
    {
    }
}

/// <summary>The policies by name.</summary>
internal static class Policies
{
    public const string Mfi = "MFI";
    public const string MepKnown = "MEP known";
    public const string MepLearned = "MEP learned";
    public const string MepOneMove = "MEP +1 move";
    public const string MepTwoMoves = "MEP +2 moves";
    public const string Oracle = "repack oracle";

    /// <summary>Names in the order of the report; the oracle is played apart, since it places nothing.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "first-fit", "first-fit+CC", "HAMi 2026", "best-fit+CC", "worst-fit+CC", Mfi, "FGD", MepKnown, MepLearned,
        MepOneMove, MepTwoMoves, Oracle,
    ];

    public static IPolicy Make(string name, StudyModel model, double[] shares) => name switch
    {
        "first-fit" => new GreedyPolicy(model, (_, _, _) => 0, stopsAtFirstGpu: true),
        "first-fit+CC" => new GreedyPolicy(model, GreedyScores.LegalPlacements(model), stopsAtFirstGpu: true),
        "HAMi 2026" => new GreedyPolicy(model, GreedyScores.Hami(model), stopsAtFirstGpu: true),
        "best-fit+CC" => new GreedyPolicy(model, GreedyScores.Fit(model, sign: 1), stopsAtFirstGpu: false),
        "worst-fit+CC" => new GreedyPolicy(model, GreedyScores.Fit(model, sign: -1), stopsAtFirstGpu: false),
        Mfi => new GreedyPolicy(model, GreedyScores.Mfi(model), stopsAtFirstGpu: false),
        "FGD" => new GreedyPolicy(model, GreedyScores.Fgd(model, shares), stopsAtFirstGpu: false),
        MepKnown => new MepPolicy(model, shares, moves: 0),
        MepLearned => new MepPolicy(model, null, moves: 0),
        MepOneMove => new MepPolicy(model, shares, moves: 1),
        MepTwoMoves => new MepPolicy(model, shares, moves: 2),
        _ => throw new FormatException($"no policy '{name}'; there are {string.Join(", ", Names)}"),
    };
}
