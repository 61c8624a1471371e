namespace VgpuPS.Core.Platform;

/// <summary>The series of a kernel, which drivers are made for: 6.8 of <c>6.8.12-9-pve</c>.</summary>
/// <param name="Major">First number.</param>
/// <param name="Minor">Second number.</param>
public readonly record struct KernelRelease(int Major, int Minor) : IComparable<KernelRelease>
{
    /// <summary>Reads the series of a release.</summary>
    public static bool TryParse(string? text, out KernelRelease release)
    {
        release = default;
        if ((text ?? "").Split('.', '-') is not [var first, var second, ..]
            || !int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            || !int.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out var minor))
        {
            return false;
        }

        release = new KernelRelease(major, minor);
        return true;
    }

    /// <summary>Orders releases by all their numbers: <c>6.8.12-9-pve</c> before <c>6.8.12-15-pve</c>.</summary>
    public static int CompareReleases(string? left, string? right)
    {
        var (one, other) = (Numbers(left), Numbers(right));
        for (var i = 0; i < Math.Min(one.Count, other.Count); i++)
        {
            if (one[i] != other[i])
            {
                return one[i].CompareTo(other[i]);
            }
        }

        return one.Count.CompareTo(other.Count);
    }

    /// <summary>Orders by series.</summary>
    public int CompareTo(KernelRelease other) => (Major, Minor).CompareTo((other.Major, other.Minor));

    /// <summary>The two numbers with a dot.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");

    private static List<int> Numbers(string? text) =>
    [
        .. (text ?? "").Split('.', '-').TakeWhile(p => p.Length is > 0 and < 9 && p.All(char.IsAsciiDigit))
            .Select(p => int.Parse(p, CultureInfo.InvariantCulture)),
    ];
}
