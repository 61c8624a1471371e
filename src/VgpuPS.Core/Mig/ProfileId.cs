using System.Globalization;

namespace VgpuPS.Core.Mig;

/// <summary>Id of a GPU instance profile as nvidia-smi prints it; what NVML creates an instance with.</summary>
/// <param name="Value">The number.</param>
/// <remarks>Source: facts/nvml.md 2, <c>info.id</c>; not the enum that profiles are asked for with (<see cref="ProfileSlot"/>).</remarks>
public readonly record struct ProfileId(uint Value) : IComparable<ProfileId>
{
    /// <summary>The decimal number.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Orders by number.</summary>
    public int CompareTo(ProfileId other) => Value.CompareTo(other.Value);
}
