using FsCheck;
using FsCheck.Fluent;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Planning;
using Xunit;

namespace VgpuPS.Tests.Planning;

public sealed class RepackBoundTests
{
    [Fact]
    public void Counting_and_searching_agree_on_what_fits_without_media_profiles() =>
        Prop.ForAll(ArbCounts(), input =>
        {
            var (model, gpus, counts) = input;
            var shapes = MigShapes.All[model];
            Assert.Equal(Packs(shapes, counts, gpus), RepackBound.For(shapes)!.Fits(counts, gpus));
        }).Holds(400);

    [Theory]
    [InlineData(1, "1g 7")]
    [InlineData(1, "1g-double 4")]
    [InlineData(1, "3g 2")]
    [InlineData(1, "4g 1, 2g 1, 1g 1")]
    [InlineData(2, "4g 2, 3g 1")]
    [InlineData(2, "7g 1, 3g 2")]
    [InlineData(3, "4g 3, 3g 3")]
    [InlineData(2, "1g+me 2")]
    [InlineData(2, "1g 8")]
    public void The_fewest_GPUs_are_found(int gpus, string instances)
    {
        var bound = RepackBound.For(MigShapes.SevenSlices)!;
        var counts = Count(instances);
        Assert.True(bound.Fits(counts, gpus));
        Assert.False(bound.Fits(counts, gpus - 1));
    }

    [Fact]
    public void A_model_that_is_cut_in_another_way_has_no_bound() =>
        Assert.Null(RepackBound.For([new ProfileShape("1g", [new Placement(0, 1), new Placement(2, 1)], false)]));

    private static int[] Count(string instances) => [.. MigShapes.SevenSlices.Select(s => instances.Split(", ")
        .Select(i => i.Split(' ')).Where(i => i[0] == s.Name)
        .Sum(i => int.Parse(i[1], System.Globalization.CultureInfo.InvariantCulture)))];

    private static bool Packs(IReadOnlyList<ProfileShape> shapes, IReadOnlyList<int> counts, int gpus)
    {
        var all = Enumerable.Range(0, gpus).ToList();
        var items = shapes.SelectMany((s, p) => Enumerable.Repeat(new PackItem(s.Name, all), counts[p])).ToList();
        return InstancePacking.Find([.. all.Select(_ => new PackGpu(shapes, default))], items) is not null;
    }

    /// <summary>Instances around what the GPUs can hold, so that both answers occur.</summary>
    private static Arbitrary<(int Model, int Gpus, int[] Counts)> ArbCounts() => Arb.From(
        from model in Gen.Choose(0, 1)
        from gpus in Gen.Choose(1, 3)
        let shapes = MigShapes.All[model]
        from picks in Gen.Choose(0, shapes.Count - 1).ListOf()
        let kept = picks.Where(p => !shapes[p].TakesMedia)
            .Aggregate((Left: (PriceTable.SlotCount(shapes) * gpus) + 1, Kept: new List<int>()), (sum, p) =>
                sum.Left < shapes[p].Size ? sum : (sum.Left - shapes[p].Size, [.. sum.Kept, p])).Kept
        select (model, gpus, shapes.Select((_, p) => kept.Count(k => k == p)).ToArray()));
}
