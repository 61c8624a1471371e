namespace VgpuPS.Core.Mig.Planning;

/// <summary>
/// Prices of the memory slices of one GPU model: Phi is the logarithm of the weighted number of ways in which a GPU can
/// still be filled, with weights such that random fillings hold profiles in the proportion of demand.
/// </summary>
/// <remarks>Source: planner study, section 4 (maximum-entropy price table).</remarks>
public sealed class PriceTable
{
    private readonly double[] _phi;

    private PriceTable(IReadOnlyList<ProfileShape> shapes, IReadOnlyList<double> activities, double[] phi)
    {
        Shapes = shapes;
        Activities = activities;
        _phi = phi;
    }

    /// <summary>The profiles it was made for.</summary>
    public IReadOnlyList<ProfileShape> Shapes { get; }

    /// <summary>Activity of each profile: 0 for one without demand.</summary>
    public IReadOnlyList<double> Activities { get; }

    /// <summary>Phi of an occupancy; falls as more is taken, 0 when all is.</summary>
    public double this[Occupancy occupancy] => _phi[Index(occupancy.Mask, occupancy.MediaTaken)];

    /// <summary>What placing the shape at the window costs; never negative.</summary>
    public double Cost(Occupancy occupancy, ProfileShape shape, Placement window) =>
        Math.Max(0, this[occupancy] - this[occupancy.With(shape, window)]);

    /// <summary>Memory slices of the model.</summary>
    public static int SlotCount(IReadOnlyList<ProfileShape> shapes) =>
        shapes.SelectMany(s => s.Windows).Max(w => w.Start + w.Size);

    /// <summary>Fits the activities to a demand and makes the table.</summary>
    /// <param name="shapes">The model's profiles.</param>
    /// <param name="demand">Share of each profile, in the same order; any scale, not all 0.</param>
    public static PriceTable Fit(IReadOnlyList<ProfileShape> shapes, IReadOnlyList<double> demand) =>
        From(shapes, ActivityFit.Fit(shapes, demand));

    /// <summary>Makes the table from known activities.</summary>
    public static PriceTable From(IReadOnlyList<ProfileShape> shapes, IReadOnlyList<double> activities)
    {
        var slots = SlotCount(shapes);
        var full = (1u << slots) - 1;
        var z = new double[2 << slots];
        for (var o = (long)full; o >= 0; o--)
        {
            foreach (var media in new[] { true, false })
            {
                z[Index((uint)o, media)] = o == full ? 1 : Complete(shapes, activities, z, (uint)o, media);
            }
        }

        return new PriceTable(shapes, activities, [.. z.Select(w => Math.Log(w))]);
    }

    private static double Complete(
        IReadOnlyList<ProfileShape> shapes, IReadOnlyList<double> activities, double[] z, uint occupied, bool media)
    {
        var slot = System.Numerics.BitOperations.TrailingZeroCount(~occupied);
        var sum = z[Index(occupied | (1u << slot), media)];
        for (var p = 0; p < shapes.Count; p++)
        {
            if (activities[p] <= 0 || (media && shapes[p].TakesMedia))
            {
                continue;
            }

            foreach (var window in shapes[p].Windows)
            {
                if (window.Start == slot && (occupied & window.Mask) == 0)
                {
                    sum += activities[p] * z[Index(occupied | window.Mask, media || shapes[p].TakesMedia)];
                }
            }
        }

        return sum;
    }

    private static int Index(uint mask, bool media) => (int)(mask << 1) | (media ? 1 : 0);
}
