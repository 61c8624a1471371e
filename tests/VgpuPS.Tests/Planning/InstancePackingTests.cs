using VgpuPS.Core.Planning;
using Xunit;

namespace VgpuPS.Tests.Planning;

public sealed class InstancePackingTests
{
    [Theory]
    [InlineData("", "4g 3g", true)]
    [InlineData("", "3g 4g", true)]
    [InlineData("", "4g 4g", false)]
    [InlineData("", "1g 1g 1g 1g 1g 1g 1g", true)]
    [InlineData("", "1g 1g 1g 1g 1g 1g 1g 1g", false)]
    [InlineData("", "1g-double 2g 2g 2g", true)]
    [InlineData("", "2g 2g 2g 2g", false)]
    [InlineData("1g@4", "4g 2g", false)]
    [InlineData("1g@6", "4g 2g", true)]
    [InlineData("1g@0", "1g 3g", true)]
    [InlineData("1g@0", "1g 4g", false)]
    [InlineData("", "1g+me 1g+me", false)]
    [InlineData("1g+me@0", "1g+me", false)]
    [InlineData("1g+me@0", "1g 1g", true)]
    public void What_fits_on_one_GPU_is_found_in_any_order(string there, string wanted, bool fits) =>
        Assert.Equal(fits, Pack([there], wanted) is not null);

    [Fact]
    public void Media_profiles_go_to_GPUs_of_their_own()
    {
        var places = Pack(["", ""], "1g+me 1g+me")!;
        Assert.Equal([0, 1], places.Select(p => p.Gpu).Order());
        Assert.Null(Pack(["", ""], "1g+me 1g+me 1g+me"));
    }

    [Fact]
    public void Each_item_stays_on_its_own_GPUs()
    {
        var gpus = Gpus(["4g@0", "3g@0,2g@4"]);
        PackItem[] items = [new("1g", [0, 1]), new("2g", [0])];
        var places = InstancePacking.Find(gpus, items)!;
        Assert.Equal(0, places[1].Gpu);
        Assert.Null(InstancePacking.Find(gpus, [new("3g", [1]), new("1g", [0, 1])]));
        Assert.Null(InstancePacking.Find(gpus, [new("no such profile", [0, 1])]));
    }

    [Fact]
    public void Places_never_overlap_and_are_legal()
    {
        var places = Pack(["1g@0", "2g@2", ""], "3g 3g 2g 2g 1g-double 1g 1g 1g+me")!;
        var taken = Gpus(["1g@0", "2g@2", ""]).Select(g => g.Occupancy).ToArray();
        foreach (var (name, place) in "3g 3g 2g 2g 1g-double 1g 1g 1g+me".Split(' ').Zip(places))
        {
            var shape = MigShapes.SevenSlices.Find(name);
            Assert.Contains(place.Window, shape.Windows);
            Assert.True(taken[place.Gpu].Takes(shape, place.Window));
            taken[place.Gpu] = taken[place.Gpu].With(shape, place.Window);
        }
    }

    [Fact]
    public void The_best_place_is_taken_only_where_the_rest_still_fits()
    {
        // The 3g comes first and alone would sit at 0, where the 4g must be.
        var places = InstancePacking.FindBest(Gpus([""]), [new("3g", [0]), new("4g", [0])], LowestFirst)!;
        Assert.Equal([4, 0], places.Select(p => p.Window.Start));
        Assert.Null(InstancePacking.FindBest(Gpus([""]), [new("4g", [0]), new("4g", [0])], LowestFirst));
    }

    [Fact]
    public void Sixteen_entries_on_sixteen_GPUs_are_answered_at_once()
    {
        string[] there = [.. Enumerable.Repeat("1g@0,1g@2", 16)];
        Assert.NotNull(Pack(there, string.Join(' ', Enumerable.Repeat("3g", 16))));
        Assert.Null(Pack(there, string.Join(' ', Enumerable.Repeat("2g", 15).Append("4g"))));
    }

    private static IEnumerable<PackedPlace> LowestFirst(PackItem item, IReadOnlyList<PackGpu> gpus) =>
        item.Gpus.SelectMany(g => gpus[g].Find(item.Profile)!.Windows
            .Where(w => gpus[g].Occupancy.Takes(gpus[g].Find(item.Profile)!, w)).Select(w => new PackedPlace(g, w)));

    private static IReadOnlyList<PackGpu> Gpus(string[] there) =>
        [.. there.Select(t => MigShapes.Parse(MigShapes.SevenSlices, t).Gpu)];

    private static IReadOnlyList<PackedPlace>? Pack(string[] there, string wanted)
    {
        var all = Enumerable.Range(0, there.Length).ToList();
        return InstancePacking.Find(Gpus(there), [.. wanted.Split(' ').Select(w => new PackItem(w, all))]);
    }
}
