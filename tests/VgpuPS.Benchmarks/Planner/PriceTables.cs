using VgpuPS.Core.Gpu;
using VgpuPS.Core.Planning;

namespace VgpuPS.Benchmarks.Planner;

/// <summary>One decision by a table, as the study plays it.</summary>
internal static class PriceTables
{
    // GPUs of at most twelve slices, and whether media are taken.
    private const int StateWords = (2 << 12) / 64;

    /// <summary>The best of all free places on GPUs of this model; null when the shape fits nowhere.</summary>
    /// <param name="table">The model's prices.</param>
    /// <param name="shape">What goes there.</param>
    /// <param name="gpus">What is taken of each GPU.</param>
    public static PricedPlace? FindBest(this PriceTable table, ProfileShape shape, ReadOnlySpan<Occupancy> gpus)
    {
        // Of GPUs in one state the first wins every tie, so each state is priced once.
        Span<ulong> seen = stackalloc ulong[StateWords];
        PricedPlace? best = null;
        for (var gpu = 0; gpu < gpus.Length; gpu++)
        {
            var occupancy = gpus[gpu];
            var index = (int)(occupancy.Mask << 1) | (occupancy.MediaTaken ? 1 : 0);
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
                    var place = table.Price(gpu, occupancy, shape, window);
                    best = best is { } known && known.CompareTo(place) <= 0 ? known : place;
                }
            }
        }

        return best;
    }
}
