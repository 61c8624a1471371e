using System.Numerics;
using VgpuPS.Core.Gpu;

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

    /// <summary>The best of all free places on GPUs of this model; null when the shape fits nowhere.</summary>
    /// <param name="shape">What goes there.</param>
    /// <param name="gpus">What is taken of each GPU.</param>
    public PricedPlace? FindBest(ProfileShape shape, ReadOnlySpan<Occupancy> gpus)
    {
        // Of GPUs in one state the first wins every tie, so each state is priced once.
        Span<ulong> seen = stackalloc ulong[((2 << _slots) + 63) / 64];
        PricedPlace? best = null;
        for (var gpu = 0; gpu < gpus.Length; gpu++)
        {
            var occupancy = gpus[gpu];
            var index = Index(occupancy.Mask, occupancy.MediaTaken);
            ref var word = ref seen[index >> 6];
            if ((word & (1ul << index)) != 0)
            {
                continue;
            }

            word |= 1ul << index;
            for (var i = 0; i < shape.Windows.Count; i++)
            {
                var window = shape.Windows[i];
                if (occupancy.Takes(shape, window))
                {
                    var place = Price(gpu, occupancy, shape, window);
                    best = best is { } known && known.CompareTo(place) <= 0 ? known : place;
                }
            }
        }

        return best;
    }
}
