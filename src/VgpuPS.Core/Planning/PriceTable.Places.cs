using System.Numerics;

namespace VgpuPS.Core.Planning;

public sealed partial class PriceTable
{
    // Two costs that differ by less are the same.
    private const int TieDigits = 12;

    /// <summary>What taking an empty GPU into use costs on top.</summary>
    /// <remarks>Source: planner.md 4, step 7.</remarks>
    public const double EmptyGpuSurcharge = 2.5;

    /// <summary>Prices a place that is free.</summary>
    /// <param name="gpu">Index of the GPU.</param>
    /// <param name="occupancy">What is taken of it.</param>
    /// <param name="shape">What goes there.</param>
    /// <param name="window">Where.</param>
    public PricedPlace Price(int gpu, Occupancy occupancy, ProfileShape shape, Placement window)
    {
        var cost = Cost(occupancy, shape, window) + (occupancy.Mask == 0 ? EmptyGpuSurcharge : 0);
        return new PricedPlace(
            gpu, window, Math.Round(cost, TieDigits), _slots - BitOperations.PopCount(occupancy.Mask));
    }
}
