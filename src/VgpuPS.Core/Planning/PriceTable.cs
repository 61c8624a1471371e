using System.Numerics;

namespace VgpuPS.Core.Planning;

/// <summary>
/// Prices of the memory slices of one GPU model: Phi is the logarithm of the weighted number of ways in which a GPU can
/// still be filled, with weights such that random fillings hold profiles in the proportion of demand.
/// </summary>
/// <remarks>Source: planner.md 4 (maximum-entropy price table).</remarks>
public sealed partial class PriceTable
{
    private readonly double[] _phi;
    private readonly int _slots;

    private PriceTable(IReadOnlyList<ProfileShape> shapes, IReadOnlyList<double> activities, double[] phi, int slots)
    {
        Shapes = shapes;
        Activities = activities;
        _phi = phi;
        _slots = slots;
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
        var starts = Enumerable.Range(0, slots).Select(slot => StartingAt(shapes, activities, slot)).ToArray();
        var z = new double[2 << slots];
        z[Index(full, false)] = z[Index(full, true)] = 1;
        for (var o = (long)full - 1; o >= 0; o--)
        {
            var occupied = (uint)o;
            z[Index(occupied, true)] = Complete(starts, z, occupied, media: true);
            z[Index(occupied, false)] = Complete(starts, z, occupied, media: false);
        }

        for (var i = 0; i < z.Length; i++)
        {
            z[i] = Math.Log(z[i]);
        }

        return new PriceTable(shapes, activities, z, slots);
    }

    private static (uint Mask, double Activity, bool TakesMedia)[] StartingAt(
        IReadOnlyList<ProfileShape> shapes, IReadOnlyList<double> activities, int slot) =>
    [
        .. shapes.SelectMany((s, p) => s.Windows.Where(w => w.Start == slot && activities[p] > 0)
            .Select(w => (w.Mask, activities[p], s.TakesMedia))),
    ];

    private static double Complete(
        (uint Mask, double Activity, bool TakesMedia)[][] starts, double[] z, uint occupied, bool media)
    {
        var slot = BitOperations.TrailingZeroCount(~occupied);
        var sum = z[Index(occupied | (1u << slot), media)];
        foreach (var (mask, activity, takesMedia) in starts[slot])
        {
            if ((occupied & mask) == 0 && !(media && takesMedia))
            {
                sum += activity * z[Index(occupied | mask, media || takesMedia)];
            }
        }

        return sum;
    }

    private static int Index(uint mask, bool media) => (int)(mask << 1) | (media ? 1 : 0);
}

/// <summary>A free place for an instance, with what taking it costs.</summary>
/// <param name="Gpu">Index of the GPU among those looked at.</param>
/// <param name="Window">Where on it.</param>
/// <param name="Cost">Price of the memory slices, with the surcharge for an empty GPU.</param>
/// <param name="FreeSlices">Memory slices free on the GPU before.</param>
public readonly record struct PricedPlace(int Gpu, Placement Window, double Cost, int FreeSlices)
    : IComparable<PricedPlace>
{
    /// <summary>Orders the better place first: cheaper, then on the fuller GPU, then lower GPU and start.</summary>
    /// <remarks>Source: planner.md 4, step 7.</remarks>
    public int CompareTo(PricedPlace other)
    {
        var byCost = Cost.CompareTo(other.Cost);
        var byFree = byCost != 0 ? byCost : FreeSlices.CompareTo(other.FreeSlices);
        var byGpu = byFree != 0 ? byFree : Gpu.CompareTo(other.Gpu);
        return byGpu != 0 ? byGpu : Window.CompareTo(other.Window);
    }
}
