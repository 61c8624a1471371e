using VgpuPS.Core.Gpu;

namespace VgpuPS.Core.Planning;

/// <summary>A free place for an instance, with what taking it costs.</summary>
/// <param name="Gpu">Index of the GPU among those looked at.</param>
/// <param name="Window">Where on it.</param>
/// <param name="Cost">Price of the memory slices, with the surcharge for an empty GPU.</param>
/// <param name="FreeSlices">Memory slices free on the GPU before.</param>
public readonly record struct PricedPlace(int Gpu, Placement Window, double Cost, int FreeSlices) : IComparable<PricedPlace>
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
