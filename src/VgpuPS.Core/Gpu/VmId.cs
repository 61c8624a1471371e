namespace VgpuPS.Core.Gpu;

/// <summary>Number of a Proxmox guest, 100 to 999999999.</summary>
/// <param name="Value">The number.</param>
/// <remarks>Source: pve-common JSONSchema, format pve-vmid (<c>[1-9][0-9]{2,8}</c>) (mem).</remarks>
public readonly record struct VmId(int Value) : IComparable<VmId>
{
    /// <summary>Reads three to nine decimal digits without a leading zero.</summary>
    public static bool TryParse(string? text, out VmId id)
    {
        id = default;
        if (text is null || text.Length is < 3 or > 9 || text[0] == '0' || !text.All(char.IsAsciiDigit))
        {
            return false;
        }

        id = new VmId(int.Parse(text, CultureInfo.InvariantCulture));
        return true;
    }

    /// <summary>The number as Proxmox prints it.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Orders by number.</summary>
    public int CompareTo(VmId other) => Value.CompareTo(other.Value);
}
