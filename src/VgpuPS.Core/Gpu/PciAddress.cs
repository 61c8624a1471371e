namespace VgpuPS.Core.Gpu;

/// <summary>Address of one PCI function: domain, bus, device, function.</summary>
/// <param name="Domain">PCI domain (segment), 0 on most hosts.</param>
/// <param name="Bus">Bus number, 0-255.</param>
/// <param name="Device">Device number, 0-31.</param>
/// <param name="Function">Function number, 0-7.</param>
/// <remarks>
/// Source: facts/nvml.md 1: NVML prints an 8-digit domain in upper-case hex (<c>00000000:4B:00.0</c>), sysfs four
/// digits or more in lower case (<c>0000:4b:00.0</c>). Both parse; <see cref="ToString"/> writes the sysfs form.
/// </remarks>
public readonly record struct PciAddress(uint Domain, byte Bus, byte Device, byte Function) : IComparable<PciAddress>
{
    /// <summary>Bus, device and function as the 16-bit routing id that SR-IOV offsets are counted in.</summary>
    public int RoutingId => (Bus << 8) | (Device << 3) | Function;

    /// <summary>The form that NVML and nvidia-smi print: 8-digit domain, upper case.</summary>
    public string NvmlText => string.Create(
        CultureInfo.InvariantCulture, $"{Domain:X8}:{Bus:X2}:{Device:X2}.{Function:X1}");

    /// <summary>The function <paramref name="offset"/> routing ids further on, in the same domain.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The sum leaves the domain's 65536 routing ids.</exception>
    public PciAddress Plus(int offset)
    {
        var id = RoutingId + offset;
        ArgumentOutOfRangeException.ThrowIfNegative(id, nameof(offset));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(id, 0xFFFF, nameof(offset));
        return new PciAddress(Domain, (byte)(id >> 8), (byte)((id >> 3) & 0x1F), (byte)(id & 7));
    }

    /// <summary>Reads <c>bb:dd.f</c> or <c>dddd:bb:dd.f</c> in either case, with a domain of 4 to 8 digits.</summary>
    public static bool TryParse(string? text, out PciAddress address)
    {
        address = default;
        if (text is null)
        {
            return false;
        }

        var parts = text.Split(':');
        var domain = 0u;
        if (parts.Length == 3)
        {
            if (parts[0].Length is < 4 or > 8 || !TryHex(parts[0], out domain))
            {
                return false;
            }
        }
        else if (parts.Length != 2)
        {
            return false;
        }

        var tail = parts[^1];
        if (parts[^2].Length != 2 || tail.Length != 4 || tail[2] != '.'
            || !TryHex(parts[^2], out var bus) || !TryHex(tail[..2], out var device) || device > 31
            || tail[3] is < '0' or > '7')
        {
            return false;
        }

        address = new PciAddress(domain, (byte)bus, (byte)device, (byte)(tail[3] - '0'));
        return true;
    }

    /// <summary>Reads an address; see <see cref="TryParse"/> for the accepted forms.</summary>
    /// <exception cref="FormatException">The text is not a PCI address.</exception>
    public static PciAddress Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"'{text}' is not a PCI address");

    /// <summary>The sysfs form: <c>0000:4b:00.4</c>.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Domain:x4}:{Bus:x2}:{Device:x2}.{Function:x1}");

    /// <summary>Orders by domain, then routing id.</summary>
    public int CompareTo(PciAddress other) =>
        Domain != other.Domain ? Domain.CompareTo(other.Domain) : RoutingId.CompareTo(other.RoutingId);

    private static bool TryHex(string text, out uint value)
    {
        value = 0;
        return text.All(char.IsAsciiHexDigit)
            && uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
