using System.Globalization;

namespace VgpuPS.Core.Mig;

/// <summary>Id of a compute instance profile within a GPU instance.</summary>
/// <param name="Value">The number.</param>
/// <remarks>Source: facts/nvml.md 2: equal to NVML_COMPUTE_INSTANCE_PROFILE_* in every output seen.</remarks>
public readonly record struct ComputeProfileId(uint Value) : IComparable<ComputeProfileId>
{
    /// <summary>The decimal number.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Orders by number.</summary>
    public int CompareTo(ComputeProfileId other) => Value.CompareTo(other.Value);
}
