using System.Globalization;

namespace VgpuPS.Core.Mig;

/// <summary>Id of a compute instance within its GPU instance.</summary>
/// <param name="Value">The number.</param>
/// <remarks>Source: nvml.h, nvmlComputeInstanceInfo_t.id.</remarks>
public readonly record struct ComputeInstanceId(uint Value) : IComparable<ComputeInstanceId>
{
    /// <summary>The decimal number.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Orders by number.</summary>
    public int CompareTo(ComputeInstanceId other) => Value.CompareTo(other.Value);
}
