using System.Globalization;

namespace VgpuPS.Core.Mig;

/// <summary>Number a GPU instance profile is asked for with (NVML_GPU_INSTANCE_PROFILE_*).</summary>
/// <param name="Value">The number.</param>
/// <remarks>Source: nvml.h; facts/nvml.md 2: enumerate from 0 until INVALID_ARGUMENT, NOT_SUPPORTED means this GPU lacks it.</remarks>
public readonly record struct ProfileSlot(uint Value) : IComparable<ProfileSlot>
{
    /// <summary>The decimal number.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Orders by number.</summary>
    public int CompareTo(ProfileSlot other) => Value.CompareTo(other.Value);
}
