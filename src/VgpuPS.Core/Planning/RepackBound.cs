namespace VgpuPS.Core.Planning;

/// <summary>
/// Whether instances can share a number of GPUs when all of them may be moved, by counting alone. With media profiles
/// the answer may be too hopeful, never too gloomy; without them it is exact.
/// </summary>
/// <remarks>
/// Source: planner.md 2 (checked there against enumeration). It knows the two ways in which GPUs are cut: eight
/// slices whose last two take less (A100, H100, H200), and a tree of halves and quarters (A30, RTX PRO 6000).
/// </remarks>
internal sealed class RepackBound
{
    private readonly Kind[] _kinds;
    private readonly bool[] _takesMedia;
    private readonly bool _isTree;

    private RepackBound(Kind[] kinds, bool[] takesMedia, bool isTree)
    {
        _kinds = kinds;
        _takesMedia = takesMedia;
        _isTree = isTree;
    }

    private enum Kind
    {
        Whole,
        LeftHalf,
        Half,
        LeftPair,
        Pair,
        Single,
    }

    /// <summary>The bound for a model; null for one that is cut in a way that it does not know.</summary>
    /// <param name="shapes">The model's profiles.</param>
    public static RepackBound? For(IReadOnlyList<ProfileShape> shapes)
    {
        var slots = PriceTable.SlotCount(shapes);
        foreach (var isTree in new[] { false, true })
        {
            var kinds = shapes.Select(s => isTree ? FindTreeKind(s, slots) : FindKind(s, slots)).OfType<Kind>()
                .ToArray();
            if (kinds.Length == shapes.Count)
            {
                return new RepackBound(kinds, [.. shapes.Select(s => s.TakesMedia)], isTree);
            }
        }

        return null;
    }

    /// <summary>Whether the instances fit.</summary>
    /// <param name="counts">Number of instances of each profile, in the order of the shapes.</param>
    /// <param name="gpus">Number of GPUs.</param>
    public bool Fits(ReadOnlySpan<int> counts, int gpus)
    {
        Span<int> n = stackalloc int[6];
        var media = 0;
        for (var p = 0; p < counts.Length; p++)
        {
            n[(int)_kinds[p]] += counts[p];
            media += _takesMedia[p] ? counts[p] : 0;
        }

        var left = gpus - n[(int)Kind.Whole];
        return left >= 0 && media <= left && (_isTree ? FitsTree(n, left) : FitsEighths(n, left));
    }

    private static bool FitsTree(ReadOnlySpan<int> n, int left)
    {
        var halves = (2 * left) - n[(int)Kind.Half];
        return halves >= 0 && n[(int)Kind.Single] <= 2 * halves;
    }

    private static bool FitsEighths(ReadOnlySpan<int> n, int left)
    {
        // Halves go to the right first, where no left half fits.
        var right = Math.Min(n[(int)Kind.Half], left);
        var onLeft = n[(int)Kind.Half] - right;
        if (n[(int)Kind.LeftHalf] + onLeft > left)
        {
            return false;
        }

        var pairs = (2 * (left - n[(int)Kind.LeftHalf] - onLeft)) + (left - right) - n[(int)Kind.LeftPair];
        var lastPairs = left - right;
        var onLast = Math.Min(n[(int)Kind.Pair], lastPairs);
        lastPairs -= onLast;
        pairs -= n[(int)Kind.Pair] - onLast;
        return pairs >= 0 && n[(int)Kind.Single] <= lastPairs + (2 * pairs);
    }

    private static Kind? FindTreeKind(ProfileShape shape, int slots) =>
        slots % 4 != 0 || !shape.Windows.Select(w => w.Start).SequenceEqual(Starts(slots / shape.Size, shape.Size))
            ? null
        : shape.Size == slots ? Kind.Whole
        : shape.Size * 2 == slots ? Kind.Half
        : shape.Size * 4 == slots ? Kind.Single : null;

    private static Kind? FindKind(ProfileShape shape, int slots) => slots != 8
        ? null : (shape.Size, shape.Windows.Count) switch
        {
            (8, 1) => Kind.Whole,
            (4, 1) when shape.Windows[0].Start == 0 => Kind.LeftHalf,
            (4, 2) => Kind.Half,
            (2, 3) when shape.Windows[^1].Start == 4 => Kind.LeftPair,
            (2, 4) => Kind.Pair,
            (1, 7) when shape.Windows[^1].Start == 6 => Kind.Single,
            _ => null,
        };

    private static IEnumerable<int> Starts(int count, int size) => Enumerable.Range(0, count).Select(i => i * size);
}
