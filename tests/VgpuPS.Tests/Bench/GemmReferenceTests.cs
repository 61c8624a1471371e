using VgpuPS.Bench;
using Xunit;

namespace VgpuPS.Tests.Bench;

public sealed class GemmReferenceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1024, 1024, 1u)]
    [InlineData(8192, 8192, 3u)]
    [InlineData(130, 131, 1u)]
    [InlineData(128, 127, 1u)]
    [InlineData(16, 17, 1u)]
    [InlineData(5, 13, 1u)]
    [InlineData(1, 1, 1u)]
    [InlineData(1, 1000, 1u)]
    [InlineData(1000, 1, 1u)]
    [InlineData(3, 100_000, 1u)]
    [InlineData(1, 64, 3u)]
    public void All_corners_and_edges_are_checked_and_64_elements_where_there_are_as_many(int m, int n, uint draw)
    {
        var reference = new GemmReference(m, n, 3, draw);
        Assert.Equal([0, m - 1], new[] { reference.Rows[0], reference.Rows[^1] });
        Assert.Equal([0, n - 1], new[] { reference.Columns[0], reference.Columns[^1] });
        Assert.All(reference.Rows.Zip(reference.Rows.Skip(1)), r => Assert.True(r.First < r.Second));
        Assert.All(reference.Columns.Zip(reference.Columns.Skip(1)), c => Assert.True(c.First < c.Second));
        var elements = reference.Compute(Token).ToList();
        Assert.Equal(reference.Rows.Count * reference.Columns.Count, elements.Count);
        Assert.InRange(elements.Count, Math.Min(GemmReference.LeastElements, (long)m * n), 1024);
        Assert.Equal(
            reference.Rows.SelectMany(r => reference.Columns.Select(c => (r, c))),
            elements.Select(e => (e.Row, e.Column)));
        Assert.Equal(m is > 16 and > 127, reference.Rows.Contains(127));
        Assert.Equal(m is > 16 and > 128, reference.Rows.Contains(128));
    }

    [Fact]
    public void Another_draw_looks_at_other_elements() =>
        Assert.NotEqual(new GemmReference(9000, 9000, 1, 1).Rows, new GemmReference(9000, 9000, 1, 3).Rows);

    /// <remarks>The sums are made in parts.</remarks>
    [Theory]
    [InlineData(70)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    public void Elements_are_those_of_the_product(int k)
    {
        foreach (var element in new GemmReference(5, 13, k, 1).Compute(Token))
        {
            var sum = Enumerable.Range(0, k).Sum(i =>
                (double)TestMatrix.Value(TestMatrix.LeftSeed, (uint)element.Row, (uint)i)
                    * TestMatrix.Value(TestMatrix.RightSeed, (uint)i, (uint)element.Column));
            Assert.Equal(sum, element.Value);
        }
    }

    /// <remarks>Truncated after each addition: the worst that tensor cores are assumed to do.</remarks>
    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(1024)]
    [InlineData(16_400)]
    public void Single_precision_with_truncation_is_within_the_tolerance(int k) =>
        Assert.All(
            new GemmReference(200, 200, k, 1).Compute(Token),
            e => Assert.InRange(Math.Abs(Accumulate(e, k, skipped: -1) - e.Value), 0, e.Tolerance));

    [Theory]
    [InlineData(16)]
    [InlineData(1024)]
    [InlineData(16_400)]
    public void A_product_that_lacks_one_step_of_the_tensor_core_is_not(int k)
    {
        var wrong = new GemmReference(200, 200, k, 1).Compute(Token)
            .Count(e => Math.Abs(Accumulate(e, k, skipped: k / 2 / 8) - e.Value) > e.Tolerance);
        Assert.InRange(wrong, 200, 256);
    }

    private static float Accumulate(GemmElement element, int k, int skipped)
    {
        var sum = 0.0f;
        for (var i = 0; i < k; i++)
        {
            if (i / 8 != skipped)
            {
                var exact = (double)sum + ((double)TestMatrix.Value(TestMatrix.LeftSeed, (uint)element.Row, (uint)i)
                    * TestMatrix.Value(TestMatrix.RightSeed, (uint)i, (uint)element.Column));
                var rounded = (float)exact;
                sum = Math.Abs(rounded) > Math.Abs(exact)
                    ? BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(rounded) - 1) : rounded;
            }
        }

        return sum;
    }
}
