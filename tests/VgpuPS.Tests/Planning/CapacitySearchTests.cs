using FsCheck;
using FsCheck.Fluent;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Planning;
using Xunit;

namespace VgpuPS.Tests.Planning;

/// <summary>Whom to stop; A to D are the fixtures of planner.md, section 5, checked there by breadth-first
/// search.</summary>
public sealed class CapacitySearchTests
{
    private static readonly bool[] s_waysToStop = [false, true];

    [Theory]
    [InlineData("3g@0,2g@4 | 1g@0,3g@4", "4g", 1)]
    [InlineData("1g@6,2g@4 | 2g@0,1g@4", "7g", 2)]
    [InlineData("1g@0,1g@2 | 1g@1,3g@4 | 2g@0,2g@4", "4g", 1)]
    [InlineData("2g@0,1g-double@6 | 2g@2,1g@4 | 3g@0,1g@5", "7g", 2)]
    [InlineData("4g@0 | 4g@0", "3g", 0)]
    [InlineData("7g@0 | 7g@0", "1g", null)]
    [InlineData("4g@0,1g@4 | 4g@0,1g@5", "3g", 1)]
    public void The_fewest_that_start_again_beside_the_wanted_are_found(string gpus, string wanted, int? stops) =>
        Assert.Equal(stops, Find(gpus, wanted, restarts: true)?.Count);

    [Theory]
    [InlineData("7g@0 | 7g@0", "1g", "0")]
    [InlineData("1g@0,1g@1,1g@2,1g@3,1g@4,1g@5,1g@6", "7g", "0,1,2,3,4,5,6")]
    [InlineData("4g@0,3g@4 | 1g@0,2g@2,3g@4", "4g", "0")]
    [InlineData("4g@0,3g@4 | 2g@0,1g@3,1g@2,3g@4", "1g", "3")]
    [InlineData("1g+me@0,3g@4", "1g+me", "0")]
    public void For_good_the_fewest_and_then_the_smallest_stop(string gpus, string wanted, string stops) =>
        Assert.Equal(stops, string.Join(',', Find(gpus, wanted, restarts: false)!));

    [Fact]
    public void An_instance_that_stays_is_never_cleared()
    {
        var (gpu, instances) = MigShapes.Parse(MigShapes.SevenSlices, "3g@0,3g@4");
        HeldInstance[] held = [Held(0, instances[1], 9)];
        Assert.Null(CapacitySearch.FindStops([gpu], held, [new("4g", [0])], restarts: false, 16));
        Assert.Equal([9], CapacitySearch.FindStops([gpu], held, [new("2g", [0])], restarts: false, 16)!);
    }

    [Fact]
    public void An_instance_that_two_share_goes_when_both_stop()
    {
        var (gpu, instances) = MigShapes.Parse(MigShapes.SevenSlices, "4g@0,3g@4");
        HeldInstance[] held =
        [
            Held(0, instances[0], 1) with { Holders = [1, 2] }, Held(0, instances[1], 3) with { Holders = [3, 4, 5] },
        ];
        Assert.Equal([1, 2], CapacitySearch.FindStops([gpu], held, [new("3g", [0])], restarts: false, 16)!);
    }

    [Fact]
    public void Several_wanted_at_once_need_capacity_together()
    {
        var (gpus, held) = Read("4g@0,1g@4 | 2g@0,3g@4");
        PackItem[] wanted = [new("3g", [0, 1]), new("4g", [0, 1])];
        var stops = CapacitySearch.FindStops(gpus, held, wanted, restarts: false, 16)!;
        Assert.Equal([1, 2], stops);
    }

    [Fact]
    public void No_smaller_set_frees_capacity() => Prop.ForAll(ArbHost(), input =>
    {
        var (gpus, held) = Read(input.Gpus);
        PackItem[] wanted = [new(input.Wanted, [0, 1])];
        foreach (var restarts in s_waysToStop)
        {
            var found = CapacitySearch.FindStops(gpus, held, wanted, restarts, 3);
            var smallest = Enumerable.Range(0, 1 << held.Count)
                .Where(v => System.Numerics.BitOperations.PopCount((uint)v) <= 3)
                .Where(v => IsEnough(gpus, held, wanted, v, restarts))
                .Select(v => (int?)System.Numerics.BitOperations.PopCount((uint)v)).Min();
            Assert.Equal(smallest, found?.Count);
            Assert.True(
                found is null || IsEnough(gpus, held, wanted, found.Aggregate(0, (v, h) => v | (1 << h)), restarts));
        }
    }).Holds(150);

    private static bool IsEnough(
        IReadOnlyList<PackGpu> gpus, IReadOnlyList<HeldInstance> held, IReadOnlyList<PackItem> wanted, int stopped,
        bool restarts)
    {
        var gone = held.Where(h => (stopped & (1 << h.Holders[0])) != 0).ToList();
        var after = gpus.Select((g, i) => g with
        {
            Occupancy = new Occupancy(
                g.Occupancy.Mask & ~gone.Where(h => h.Gpu == i).Aggregate(0u, (m, h) => m | h.Window.Mask),
                g.Occupancy.MediaTaken && !gone.Exists(h => h.Gpu == i && h.TakesMedia)),
        }).ToList();
        return InstancePacking.Find(after, [.. wanted, .. restarts ? gone.Select(h => h.Again) : []]) is not null;
    }

    private static IReadOnlyList<int>? Find(string gpus, string wanted, bool restarts)
    {
        var (all, held) = Read(gpus);
        return CapacitySearch.FindStops(
            all, held, [new PackItem(wanted, [.. Enumerable.Range(0, all.Count)])], restarts, restarts ? 3 : 16);
    }

    /// <summary>Each instance is held by one of its own, numbered as written.</summary>
    private static (IReadOnlyList<PackGpu> Gpus, IReadOnlyList<HeldInstance> Held) Read(string text)
    {
        var gpus = text.Split('|', StringSplitOptions.TrimEntries)
            .Select(t => MigShapes.Parse(MigShapes.SevenSlices, t)).ToList();
        int[] everywhere = [.. Enumerable.Range(0, gpus.Count)];
        var all = gpus.SelectMany((g, i) => g.Instances.Select(x => (Gpu: i, Instance: x))).ToList();
        return (
            [.. gpus.Select(g => g.Gpu)],
            [.. all.Select(
                (x, n) => Held(x.Gpu, x.Instance, n) with { Again = new PackItem(x.Instance.Profile, everywhere) })]);
    }

    private static HeldInstance Held(int gpu, (string Profile, Placement Window) instance, int holder) => new(
        gpu, instance.Window, instance.Profile.EndsWith("+me", StringComparison.Ordinal), [holder],
        new PackItem(instance.Profile, [gpu]));

    /// <summary>Two GPUs with up to four instances each, and a wanted profile.</summary>
    private static Arbitrary<(string Gpus, string Wanted)> ArbHost() => Arb.From(
        from first in GenGpu()
        from second in GenGpu()
        from wanted in Gen.Elements(MigShapes.SevenSliceNames)
        select ($"{first} | {second}", wanted));

    private static Gen<string> GenGpu() =>
        from picks in (from shape in Gen.Elements(MigShapes.SevenSliceNames)
                       from window in Gen.Choose(0, 6)
                       select (shape, window)).ListOf(4)
        select Fill(picks);

    private static string Fill(IEnumerable<(string Shape, int Window)> picks)
    {
        var occupancy = new Occupancy(0, false);
        var kept = new List<string>();
        foreach (var (name, index) in picks)
        {
            var shape = MigShapes.SevenSlices.Find(name);
            var window = shape.Windows[index % shape.Windows.Count];
            if (occupancy.Takes(shape, window))
            {
                occupancy = occupancy.With(shape, window);
                kept.Add($"{name}@{window.Start}");
            }
        }

        return string.Join(',', kept);
    }
}
