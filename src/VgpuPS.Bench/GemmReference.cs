namespace VgpuPS.Bench;

/// <summary>A part of the product of the two test matrices, computed on the host in double precision.</summary>
/// <remarks>
/// What is checked are all crossings of some rows and columns: the first and the last of each, those beside the edge of
/// a tile of 128, and others drawn by <paramref name="draw"/>. Products of two test values are multiples of 2^-20, and
/// their sums are exact in double precision.
/// </remarks>
/// <param name="m">Rows of the product.</param>
/// <param name="n">Columns of the product.</param>
/// <param name="k">Length of the sums.</param>
/// <param name="draw">Which rows and columns are drawn.</param>
internal sealed class GemmReference(int m, int n, int k, uint draw)
{
    /// <summary>Crossings that are checked at least, where the product has as many.</summary>
    public const int LeastElements = 64;

    private const int Side = 16;

    // Of the sums at once: their factors lie in memory.
    private const int Part = 1 << 16;

    /// <summary>The rows, ascending.</summary>
    public IReadOnlyList<int> Rows { get; } = Choose(m, n, draw);

    /// <summary>The columns, ascending.</summary>
    public IReadOnlyList<int> Columns { get; } = Choose(n, m, draw + 1);

    /// <summary>The elements, each with the deviation that rounding explains.</summary>
    /// <remarks>
    /// Tensor cores multiply exactly and add in single precision, with truncation at worst: each of k additions loses
    /// at most 2^-23 of the sum so far (assumed of the hardware; no source says how it rounds). Hence k times 2^-23
    /// times the largest partial sum. A tile of the product that is missing changes a sum by far more.
    /// </remarks>
    public IReadOnlyList<GemmElement> Compute(CancellationToken cancellationToken)
    {
        var sums = new double[Rows.Count * Columns.Count];
        var largest = new double[sums.Length];
        for (var start = 0; start < k; start += Part)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var length = Math.Min(Part, k - start);
            var left = Rows.Select(r => Line(
                length, i => TestMatrix.Value(TestMatrix.LeftSeed, (uint)r, (uint)(start + i)))).ToArray();
            var right = Columns.Select(c => Line(
                length, i => TestMatrix.Value(TestMatrix.RightSeed, (uint)(start + i), (uint)c))).ToArray();
            for (var e = 0; e < sums.Length; e++)
            {
                Add(left[e / right.Length], right[e % right.Length], ref sums[e], ref largest[e]);
            }
        }

        return
        [
            .. sums.Select((sum, e) => new GemmElement(
                Rows[e / Columns.Count], Columns[e % Columns.Count], sum,
                k * Math.ScaleB(Math.Max(1, largest[e]), -23))),
        ];
    }

    private static void Add(float[] left, float[] right, ref double sum, ref double largest)
    {
        for (var i = 0; i < left.Length; i++)
        {
            sum += (double)left[i] * right[i];
            largest = Math.Max(largest, Math.Abs(sum));
        }
    }

    private static float[] Line(int length, Func<int, float> value)
    {
        var line = new float[length];
        for (var i = 0; i < length; i++)
        {
            line[i] = value(i);
        }

        return line;
    }

    private static List<int> Choose(int length, int other, uint draw)
    {
        var wanted = Math.Min(length, Math.Max(Side, (LeastElements + other - 1) / other));
        var chosen = new SortedSet<int> { 0, length - 1 };
        for (var i = 0u; chosen.Count < wanted; i++)
        {
            var next = i switch
            {
                0 => 127,
                1 => 128,
                _ when wanted == length => (int)i - 2,
                _ => (int)(TestMatrix.Hash(draw * 0x9E37_79B1u + i) % (uint)length),
            };
            if (next < length)
            {
                chosen.Add(next);
            }
        }

        return [.. chosen];
    }
}

/// <summary>An element of a product as it must be.</summary>
/// <param name="Row">Its row, from 0.</param>
/// <param name="Column">Its column, from 0.</param>
/// <param name="Value">What it is.</param>
/// <param name="Tolerance">How far from it a right result may be.</param>
internal readonly record struct GemmElement(int Row, int Column, double Value, double Tolerance);
