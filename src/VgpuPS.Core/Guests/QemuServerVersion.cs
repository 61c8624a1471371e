using System.Globalization;

namespace VgpuPS.Core.Guests;

/// <summary>Version of the Debian package qemu-server.</summary>
/// <param name="Major">First number; equals that of Proxmox VE.</param>
/// <param name="Minor">Second number.</param>
/// <param name="Patch">Third number.</param>
public readonly record struct QemuServerVersion(int Major, int Minor, int Patch) : IComparable<QemuServerVersion>
{
    /// <summary>Reads two or three numbers, after an epoch and before a Debian revision or suffix, if any.</summary>
    public static bool TryParse(string? text, out QemuServerVersion version)
    {
        version = default;
        if (text is null)
        {
            return false;
        }

        var upstream = PveText.Trim(text)[(PveText.Trim(text).IndexOf(':', StringComparison.Ordinal) + 1)..];
        var end = upstream.IndexOfAny(['-', '~', '+']);
        var parts = (end < 0 ? upstream : upstream[..end]).Split('.');
        if (parts.Length is < 2 or > 4)
        {
            return false;
        }

        Span<int> numbers = [0, 0, 0, 0];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
            {
                return false;
            }
        }

        version = new QemuServerVersion(numbers[0], numbers[1], numbers[2]);
        return true;
    }

    /// <summary>The three numbers with dots.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}");

    /// <summary>Orders by the three numbers.</summary>
    public int CompareTo(QemuServerVersion other) =>
        (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));
}
