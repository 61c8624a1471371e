using FsCheck;
using FsCheck.Fluent;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Planning;
using Xunit;

namespace VgpuPS.Tests.Planning;

/// <summary>The properties that planner.md names (section 4).</summary>
[Trait("Duration", "Long")]
public sealed class PriceTablePropertyTests
{
    private static readonly bool[] s_mediaStates = [false, true];

    [Fact]
    public void Taking_more_never_raises_Phi_and_no_place_costs_less_than_nothing() =>
        Check(ArbActivities(), 30, (shapes, activities) =>
        {
            var table = PriceTable.From(shapes, activities);
            foreach (var (occupancy, shape, window) in Places(shapes))
            {
                Assert.True(
                    table[occupancy] >= table[occupancy.With(shape, window)] - 1e-9,
                    $"{occupancy} {shape.Name} at {window}");
                Assert.True(table.Cost(occupancy, shape, window) >= 0);
                Assert.True(
                    table[occupancy with { MediaTaken = true }] <= table[occupancy with { MediaTaken = false }] + 1e-9);
            }
        });

    [Fact]
    public void Z_is_the_weighted_number_of_ways_to_fill_what_is_free() =>
        Check(ArbActivities(), 12, (shapes, activities) =>
        {
            var table = PriceTable.From(shapes, activities);
            for (var mask = 0u; mask < 1u << PriceTable.SlotCount(shapes); mask += 7)
            {
                foreach (var media in s_mediaStates)
                {
                    var occupancy = new Occupancy(mask, media);
                    var ways = Math.Log(CountWays(shapes, activities, occupancy, 0));
                    Assert.Equal(ways, table[occupancy], 1e-9 * Math.Max(1, ways));
                }
            }
        });

    [Fact]
    public void A_random_filling_holds_profiles_in_proportion_to_demand() =>
        Check(ArbDemand(), 40, (shapes, demand) =>
        {
            var mean = ActivityFit.Expect(shapes, ActivityFit.Fit(shapes, demand));
            var ratios = mean.Select((m, p) => (Mean: m, Demand: demand[p])).Where(r => r.Demand > 0)
                .Select(r => Math.Log(r.Mean / r.Demand)).ToList();
            Assert.True(ratios.Max() - ratios.Min() <= 0.04, $"each within 2 %: {string.Join(' ', ratios)}");
            Assert.All(mean.Zip(demand), m => Assert.True(m.Second > 0 || m.First == 0));
        });

    [Fact]
    public void The_last_window_of_one_profile_costs_the_logarithm_of_what_could_be_there()
    {
        var activities = new double[] { 3, 0, 0, 5, 0, 0, 0 };
        var table = PriceTable.From(MigShapes.SevenSlices, activities);
        var pair = MigShapes.SevenSlices.Find("2g");
        var occupancy = new Occupancy(0b1100_1111, false);
        Assert.Equal(Math.Log(1 + 5 + 3 + 3 + (3 * 3)), table.Cost(occupancy, pair, new Placement(4, 2)), 1e-9);
    }

    [Fact]
    public void An_empty_GPU_is_taken_into_use_last()
    {
        var table = PriceTable.Fit(MigShapes.A30, [1, 0, 1, 0, 1]);
        var single = MigShapes.A30.Find("1g");
        var used = new Occupancy(0b0001, false);
        var best = single.Windows.Select(w => table.Price(0, default, single, w))
            .Concat(single.Windows.Where(w => used.Takes(single, w)).Select(w => table.Price(1, used, single, w)))
            .Min();
        Assert.Equal((1, new Placement(1, 1)), (best.Gpu, best.Window));
    }

    private static double CountWays(
        IReadOnlyList<ProfileShape> shapes, IReadOnlyList<double> activities, Occupancy occupancy, int from)
    {
        var windows = shapes
            .SelectMany((s, p) => s.Windows.Select(w => (Shape: s, Activity: activities[p], Window: w))).ToList();
        return Count(occupancy, from);

        double Count(Occupancy taken, int index) => 1 + Enumerable.Range(index, windows.Count - index)
            .Where(i => windows[i].Activity > 0 && taken.Takes(windows[i].Shape, windows[i].Window))
            .Sum(i => windows[i].Activity * Count(taken.With(windows[i].Shape, windows[i].Window), i + 1));
    }

    private static IEnumerable<(Occupancy Occupancy, ProfileShape Shape, Placement Window)> Places(
        IReadOnlyList<ProfileShape> shapes) =>
        from mask in Enumerable.Range(0, 1 << PriceTable.SlotCount(shapes))
        from media in s_mediaStates
        let occupancy = new Occupancy((uint)mask, media)
        from shape in shapes
        from window in shape.Windows
        where occupancy.Takes(shape, window)
        select (occupancy, shape, window);

    private static Arbitrary<(int Model, double[] Numbers)> ArbActivities() => Arb.From(
        from model in Gen.Choose(0, 1)
        from powers in Gen.Choose(-3, 12).ListOf(MigShapes.All[model].Count)
        select (model, powers.Select(p => p == -3 ? 0 : Math.Exp(p / 2.0)).ToArray()));

    private static Arbitrary<(int Model, double[] Numbers)> ArbDemand() => Arb.From(
        from model in Gen.Choose(0, 2)
        from shares in Gen.Choose(0, 12).ListOf(MigShapes.All[model].Count)
        where shares.Any(s => s > 0)
        select (model, shares.Select(s => (double)s).ToArray()));

    private static void Check(
        Arbitrary<(int Model, double[] Numbers)> source, int runs,
        Action<IReadOnlyList<ProfileShape>, double[]> claim) =>
        Prop.ForAll(source, input => claim(MigShapes.All[input.Model], input.Numbers)).Holds(runs);
}
