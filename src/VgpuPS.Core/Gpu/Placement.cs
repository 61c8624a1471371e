using System.Text.Json.Serialization;

namespace VgpuPS.Core.Gpu;

/// <summary>Where an instance sits, in memory slices.</summary>
/// <param name="Start">First memory slice, from 0.</param>
/// <param name="Size">Number of memory slices.</param>
/// <remarks>Source: nvml.h, nvmlGpuInstancePlacement_t.</remarks>
public readonly record struct Placement(int Start, int Size) : IComparable<Placement>
{
    /// <summary>One bit per memory slice taken, bit 0 for slice 0.</summary>
    [JsonIgnore]
    public uint Mask => ((1u << Size) - 1) << Start;

    /// <summary>Whether the two share a memory slice.</summary>
    public bool Overlaps(Placement other) => (Mask & other.Mask) != 0;

    /// <summary>As nvidia-smi lists it: <c>0:2</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Start}:{Size}");

    /// <summary>Orders by start, then size.</summary>
    public int CompareTo(Placement other) => Start != other.Start
        ? Start.CompareTo(other.Start) : Size.CompareTo(other.Size);
}
