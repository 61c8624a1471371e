using System.Globalization;

namespace VgpuPS.Core.Mig;

/// <summary>Id of a GPU instance on its GPU; lower ids are taken first by the driver.</summary>
/// <param name="Value">The number.</param>
/// <remarks>Source: facts/host-behaviour.md 4: it encodes the size: 0 full, 1-2 half, 3-6 quarter, 7-14 eighth.</remarks>
public readonly record struct GpuInstanceId(uint Value) : IComparable<GpuInstanceId>
{
    /// <summary>The decimal number.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Orders by number.</summary>
    public int CompareTo(GpuInstanceId other) => Value.CompareTo(other.Value);
}
