using System.Globalization;

namespace VgpuPS.Lab.Platform;

/// <summary>Orders releases of kernels by their numbers.</summary>
internal sealed class LabKernelOrder : IComparer<string>
{
    public static LabKernelOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var (left, right) = (Numbers(x), Numbers(y));
        for (var i = 0; i < Math.Min(left.Count, right.Count); i++)
        {
            if (left[i] != right[i])
            {
                return left[i].CompareTo(right[i]);
            }
        }

        return left.Count.CompareTo(right.Count);
    }

    /// <summary>Whether a release is of a series at least, such as 6.8.</summary>
    public static bool IsAtLeast(string release, int major, int minor) =>
        Numbers(release) is [var first, var second, ..] && (first > major || (first == major && second >= minor));

    private static List<int> Numbers(string? release) =>
    [
        .. (release ?? "").Split('.', '-').TakeWhile(p => p.All(char.IsAsciiDigit) && p.Length is > 0 and < 9)
            .Select(p => int.Parse(p, CultureInfo.InvariantCulture)),
    ];
}
