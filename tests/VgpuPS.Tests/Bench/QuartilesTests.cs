using FsCheck;
using FsCheck.Fluent;
using VgpuPS.Bench;
using Xunit;

namespace VgpuPS.Tests.Bench;

public sealed class QuartilesTests
{
    [Theory]
    [InlineData(new double[] { 7 }, 7, 7, 7, 7, 7)]
    [InlineData(new double[] { 3, 1 }, 1, 1.5, 2, 2.5, 3)]
    [InlineData(new double[] { 4, 1, 3, 2 }, 1, 1.75, 2.5, 3.25, 4)]
    [InlineData(new double[] { 5, 1, 4, 2, 3 }, 1, 2, 3, 4, 5)]
    [InlineData(new double[] { 1, 1, 1, 1, 1, 100 }, 1, 1, 1, 1, 100)]
    public void Median_and_quartiles_lie_on_a_line_between_the_samples(
        double[] samples, double minimum, double lower, double median, double upper, double maximum) =>
        Assert.Equal(new Quartiles(minimum, lower, median, upper, maximum), Quartiles.Of(samples));

    [Fact]
    public void Order_does_not_matter_and_the_five_ascend() => Prop.ForAll<NonEmptyArray<NormalFloat>>(drawn =>
    {
        var samples = drawn.Get.Select(v => v.Get % 1e9).ToArray();
        var of = Quartiles.Of(samples);
        return of == Quartiles.Of(samples.Reverse()) && of.Minimum <= of.Lower && of.Lower <= of.Median
            && of.Median <= of.Upper && of.Upper <= of.Maximum && of.Minimum == samples.Min()
            && of.Maximum == samples.Max();
    }).Holds();
}
