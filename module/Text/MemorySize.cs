using System.Globalization;

namespace VgpuPS.Text;

/// <summary>Sizes of memory as users write them.</summary>
internal static class MemorySize
{
    private const long MiB = 1L << 20;

    private static readonly (string Unit, long Bytes)[] s_units =
    [
        ("TB", 1L << 40), ("GB", 1L << 30), ("MB", MiB), ("KB", 1L << 10), ("TiB", 1L << 40), ("GiB", 1L << 30),
        ("MiB", MiB), ("G", 1L << 30), ("M", MiB),
    ];

    /// <summary>A size in MiB, rounded up; null for blank text.</summary>
    /// <param name="text">A number of bytes, as PowerShell makes of 12GB, or text with a unit.</param>
    /// <exception cref="InvalidRequestException">It is neither.</exception>
    public static long? ToMiB(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        var (number, factor) = (text.Trim(), 1L);
        foreach (var (unit, bytes) in s_units)
        {
            if (number.EndsWith(unit, StringComparison.OrdinalIgnoreCase))
            {
                (number, factor) = (number[..^unit.Length].TrimEnd(), bytes);
                break;
            }
        }

        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            || value <= 0 || value > long.MaxValue / factor || (factor == 1 && value < MiB))
        {
            throw new InvalidRequestException(
                ErrorIds.InvalidMemorySize, $"'{text}' is not a memory size",
                "write it with a unit, such as -Memory 12GB", text);
        }

        return (long)decimal.Ceiling(value * factor / MiB);
    }
}
