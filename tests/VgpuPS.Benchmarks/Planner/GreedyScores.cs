using System.Numerics;
using VgpuPS.Core.Gpu;

namespace VgpuPS.Benchmarks.Planner;

/// <summary>Scores of the baselines, tabled by occupancy.</summary>
/// <remarks>Source: planner.md 1 and 3, as far as the rules are told there.</remarks>
internal static class GreedyScores
{
    /// <summary>CC: leave as many legal placements as possible.</summary>
    public static Func<Occupancy, Occupancy, ProfileShape, double> LegalPlacements(StudyModel model)
    {
        var legal = Table(model, o => CountLegal(model, o));
        return (_, after, _) => -legal[Index(after)];
    }

    /// <summary>HAMi 2026: leave the longest free run, then as many legal placements as possible.</summary>
    public static Func<Occupancy, Occupancy, ProfileShape, double> Hami(StudyModel model)
    {
        var score = Table(model, o => (1000 * MaxRun(model, o)) + CountLegal(model, o));
        return (_, after, _) => -score[Index(after)];
    }

    /// <summary>Fullest (sign 1) or emptiest GPU (sign -1), then CC.</summary>
    public static Func<Occupancy, Occupancy, ProfileShape, double> Fit(StudyModel model, int sign)
    {
        var score = Table(model, o => -CountLegal(model, o));
        return (before, after, _) => (1000 * sign * CountFree(model, before)) + score[Index(after)];
    }

    /// <summary>
    /// MFI: least growth of the sum, over profiles that the free slices would hold and over their windows that are not
    /// entirely free, of the profile's slices.
    /// </summary>
    public static Func<Occupancy, Occupancy, ProfileShape, double> Mfi(StudyModel model)
    {
        var score = Table(model, o => model.Shapes.Where(s => s.Size <= CountFree(model, o))
            .Sum(s => s.Size * s.Windows.Count(w => !o.Takes(s, w))));
        return (before, after, _) => score[Index(after)] - score[Index(before)];
    }

    /// <summary>FGD for MIG: least growth of the free slices that a request of the known mix could not use.</summary>
    public static Func<Occupancy, Occupancy, ProfileShape, double> Fgd(StudyModel model, double[] shares)
    {
        var sum = shares.Sum();
        var score = Table(
            model, o => model.Shapes.Select((s, p) => shares[p] / sum * CountUnusable(model, o, s)).Sum());
        return (before, after, _) => score[Index(after)] - score[Index(before)];
    }

    private static double[] Table(StudyModel model, Func<Occupancy, double> score)
    {
        var table = new double[2 << model.Slots];
        for (var index = 0; index < table.Length; index++)
        {
            table[index] = score(new Occupancy((uint)index >> 1, (index & 1) != 0));
        }

        return table;
    }

    private static int Index(Occupancy occupancy) => (int)(occupancy.Mask << 1) | (occupancy.MediaTaken ? 1 : 0);

    private static int CountFree(StudyModel model, Occupancy occupancy) =>
        model.Slots - BitOperations.PopCount(occupancy.Mask);

    private static int CountLegal(StudyModel model, Occupancy occupancy) =>
        model.Shapes.Sum(s => s.Windows.Count(w => occupancy.Takes(s, w)));

    private static int CountUnusable(StudyModel model, Occupancy occupancy, ProfileShape shape) =>
        CountFree(model, occupancy) - BitOperations.PopCount(
            shape.Windows.Where(w => occupancy.Takes(shape, w)).Aggregate(0u, (mask, w) => mask | w.Mask));

    private static int MaxRun(StudyModel model, Occupancy occupancy)
    {
        var maxLength = 0;
        var run = 0;
        for (var slot = 0; slot < model.Slots; slot++)
        {
            run = (occupancy.Mask & (1u << slot)) != 0 ? 0 : run + 1;
            maxLength = Math.Max(maxLength, run);
        }

        return maxLength;
    }
}
