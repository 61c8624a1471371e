using System.Globalization;

namespace VgpuPS.Core.Vgpu;

/// <summary>Number of a vGPU type: the N of <c>nvidia-N</c>, and what is written to <c>current_vgpu_type</c>.</summary>
/// <param name="Value">The number; never 0.</param>
public readonly record struct VgpuTypeId(uint Value) : IComparable<VgpuTypeId>
{
    /// <summary>The name of its directory below <c>mdev_supported_types</c>, as in <c>mdev=</c> of a VM's config.</summary>
    public string MdevName => $"nvidia-{this}";

    /// <summary>Reads a decimal number above 0 without leading zeros, as the driver writes it.</summary>
    public static bool TryParse(string? text, out VgpuTypeId id)
    {
        id = default;
        if (text is not { Length: > 0 } || text[0] == '0'
            || !uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        id = new VgpuTypeId(value);
        return true;
    }

    /// <summary>The bare decimal number.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Orders by number.</summary>
    public int CompareTo(VgpuTypeId other) => Value.CompareTo(other.Value);
}
