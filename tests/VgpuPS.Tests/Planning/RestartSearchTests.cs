using System.Diagnostics.CodeAnalysis;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Planning;
using VgpuPS.Lab.Models;
using Xunit;

namespace VgpuPS.Tests.Planning;

/// <summary>
/// The fewest restarts; A to D are the fixtures of planner.md, section 5. The oracle looks at every set and every
/// place, and shares nothing with the search.
/// </summary>
public sealed class RestartSearchTests
{
    [Theory]
    [InlineData("3g@0,2g@4 | 1g@0,3g@4", "4g", 1)]
    [InlineData("1g@6,2g@4 | 2g@0,1g@4", "7g", 2)]
    [InlineData("1g@0,1g@2 | 1g@1,3g@4 | 2g@0,2g@4", "4g", 1)]
    [InlineData("2g@0,1g-double@6 | 2g@2,1g@4 | 3g@0,1g@5", "7g", 2)]
    [InlineData("3g@0,1g@4 | 4g@0,1g@5,1g@6", "4g", 2)]
    [InlineData("4g@0 | 4g@0", "3g", 0)]
    [InlineData("4g@0,1g@4 | 4g@0,1g@5", "3g", 1)]
    [InlineData("1g+me@0,3g@4 | 2g@0,3g@4", "4g", 1)]
    public void The_fewest_restarts_are_found(string gpus, string wanted, int restarts)
    {
        var problem = Read(MigShapes.SevenSlices, gpus, wanted);
        var found = RestartSearch.Find(problem, 3);
        Assert.Equal(restarts, found.Solution?.Holders.Count);
        Assert.True(found.IsExact);
        AssertLegal(problem, found.Solution!);
    }

    [Theory]
    [InlineData("7g@0 | 7g@0", "1g")]
    [InlineData("4g@0,3g@4 | 4g@0,3g@4", "1g")]
    [InlineData("3g@0,3g@4 | 4g@0,1g@4", "4g")]
    [InlineData("1g+me@0", "1g+me")]
    public void What_cannot_fit_is_said_without_a_search(string gpus, string wanted)
    {
        var found = RestartSearch.Find(
            Read(MigShapes.SevenSlices, gpus, wanted), 8, _ => throw new InvalidOperationException("searched"));
        Assert.True(found.IsImpossible);
        Assert.Null(found.Solution);
    }

    [Fact]
    public void A_chain_within_one_GPU_moves_both()
    {
        // The 4g takes the left half, the 2g the place of the 1g, which goes to the last slice.
        var found = RestartSearch.Find(Read(MigShapes.SevenSlices, "2g@0,1g@4", "4g"), 3).Solution!;
        Assert.Equal([0, 1], found.Holders);
        Assert.Equal([4, 6], found.Moves.Select(m => m.To.Window.Start));
        Assert.Equal(0, found.Wanted.Window.Start);
    }

    [Fact]
    public void A_limit_is_kept()
    {
        Assert.Null(RestartSearch.Find(Read(MigShapes.SevenSlices, "3g@0,1g@4 | 4g@0,1g@5,1g@6", "4g"), 1).Solution);
        Assert.NotNull(RestartSearch.Find(Read(MigShapes.SevenSlices, "3g@0,1g@4 | 4g@0,1g@5,1g@6", "4g"), 2).Solution);
    }

    [Fact]
    public void Solutions_that_cannot_be_carried_out_are_passed_over()
    {
        var problem = Read(MigShapes.SevenSlices, "3g@0,2g@4 | 1g@0,3g@4", "4g");
        var first = RestartSearch.Find(problem, 3).Solution!;
        var other = RestartSearch.Find(problem, 3, s => !s.Holders.SequenceEqual(first.Holders)).Solution!;
        Assert.NotEqual(first.Holders, other.Holders);
    }

    [Fact]
    public void The_cheapest_places_are_taken_among_equals()
    {
        var shapes = MigShapes.SevenSlices;
        var price = PriceTable.Fit(shapes, [1, 0.2, 1, 1, 1, 1, 1]);
        var problem = Read(shapes, "1g@0 | 1g@3 | 2g@0,2g@2,3g@4", "7g") with { Prices = [price, price, price] };
        var found = RestartSearch.Find(problem, 3).Solution!;
        var all = Oracle(problem, found.Holders.Count).ToList();
        Assert.NotEmpty(all);
        Assert.Equal(all.Min(s => Cost(problem, s.Masks, price)), found.Cost, 6);
    }

    public static TheoryData<string> Models => [.. GpuModel.Names.Where(n => GpuModel.Load(n).Profiles.Count > 0)];

    [Theory]
    [MemberData(nameof(Models))]
    [Trait("Duration", "Long")]
    public void No_smaller_set_of_restarts_makes_it_fit(string model)
    {
        var shapes = MigShapes.Load(model, null);
        var counts = new int[5];
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var gpus = Enumerable.Range(0, 1 + (seed % 3)).Select(_ => Fill(shapes, random)).ToList();
            var wanted = shapes[random.Next(shapes.Count)].Name;
            var problem = Read(shapes, string.Join(" | ", gpus), wanted);
            var found = RestartSearch.Find(problem, 3);
            var smallest = Enumerable.Range(0, 4).Where(k => Oracle(problem, k).Any()).Select(k => (int?)k)
                .FirstOrDefault();
            Assert.True(
                smallest == found.Solution?.Holders.Count && found.IsExact,
                $"seed {seed}: {string.Join(" | ", gpus)} wanting {wanted}: {smallest} and {found}");
            Assert.False(found.IsImpossible && smallest is not null);
            counts[smallest ?? 4]++;
            if (found.Solution is { } solution)
            {
                AssertLegal(problem, solution);
            }
        }

        Assert.All(counts.Take(3), c => Assert.True(c > 0, string.Join(',', counts)));
    }

    [SuppressMessage("Security", "CA5394", Justification = "a seed that can be had again")]
    private static string Fill(IReadOnlyList<ProfileShape> shapes, Random random)
    {
        var occupancy = new Occupancy(0, false);
        var kept = new List<string>();
        for (var n = 0; n < 7; n++)
        {
            var shape = shapes[random.Next(shapes.Count)];
            var window = shape.Windows[random.Next(shape.Windows.Count)];
            if (shape.Windows.Count > 1 && occupancy.Takes(shape, window))
            {
                occupancy = occupancy.With(shape, window);
                kept.Add($"{shape.Name}@{window.Start}");
            }
        }

        return string.Join(',', kept);
    }

    /// <summary>Each instance is held by one of its own, numbered as written.</summary>
    internal static RestartProblem Read(IReadOnlyList<ProfileShape> shapes, string text, string wanted)
    {
        var gpus = text.Split('|', StringSplitOptions.TrimEntries).Select(t => MigShapes.Parse(shapes, t)).ToList();
        int[] everywhere = [.. Enumerable.Range(0, gpus.Count)];
        var all = gpus.SelectMany((g, i) => g.Instances.Select(x => (Gpu: i, x.Profile, x.Window))).ToList();
        return new RestartProblem(
            [.. gpus.Select(g => g.Gpu)],
            [
                .. all.Select((x, n) => new HeldInstance(
                    x.Gpu, x.Window, shapes.Find(x.Profile).TakesMedia, [n], new PackItem(x.Profile, everywhere))),
            ],
            new PackItem(wanted, everywhere));
    }

    private static void AssertLegal(RestartProblem problem, RestartSolution solution)
    {
        var gone = solution.Moves.Select(m => problem.Held[m.Held]).ToList();
        var state = problem.Gpus.Select((g, i) => new Occupancy(
            g.Occupancy.Mask & ~gone.Where(h => h.Gpu == i).Aggregate(0u, (m, h) => m | h.Window.Mask),
            g.Occupancy.MediaTaken && !gone.Exists(h => h.Gpu == i && h.TakesMedia))).ToArray();
        var placed = solution.Moves.Select(m => (problem.Held[m.Held].Again.Profile, m.To))
            .Append((problem.Wanted.Profile, solution.Wanted));
        foreach (var (profile, to) in placed)
        {
            var shape = problem.Gpus[to.Gpu].Find(profile)!;
            Assert.Contains(to.Window, shape.Windows);
            Assert.True(state[to.Gpu].Takes(shape, to.Window));
            state[to.Gpu] = state[to.Gpu].With(shape, to.Window);
        }

        Assert.Equal(solution.Holders, solution.Moves.SelectMany(m => problem.Held[m.Held].Holders).Distinct().Order());
    }

    /// <summary>Every set of so many, with every way to place what stopped and what is wanted.</summary>
    private static IEnumerable<(IReadOnlyList<int> Stopped, uint[] Masks)> Oracle(RestartProblem problem, int size)
    {
        for (var set = 0; set < 1 << problem.Held.Count; set++)
        {
            if (System.Numerics.BitOperations.PopCount((uint)set) != size)
            {
                continue;
            }

            var stopped = Enumerable.Range(0, problem.Held.Count).Where(h => (set & (1 << h)) != 0).ToList();
            var masks = problem.Gpus.Select(g => g.Occupancy.Mask).ToArray();
            var media = problem.Gpus.Select(g => g.Occupancy.MediaTaken).ToArray();
            foreach (var held in stopped.Select(h => problem.Held[h]))
            {
                masks[held.Gpu] &= ~held.Window.Mask;
                media[held.Gpu] &= !held.TakesMedia;
            }

            foreach (var end in Ways(
                problem, [.. stopped.Select(h => problem.Held[h].Again.Profile), problem.Wanted.Profile], masks, media))
            {
                yield return (stopped, end);
            }
        }
    }

    private static IEnumerable<uint[]> Ways(RestartProblem problem, List<string> profiles, uint[] masks, bool[] media)
    {
        if (profiles.Count == 0)
        {
            yield return masks.ToArray();
            yield break;
        }

        for (var gpu = 0; gpu < masks.Length; gpu++)
        {
            var shape = problem.Gpus[gpu].Find(profiles[0])!;
            foreach (var window in shape.Windows.Where(
                w => (masks[gpu] & w.Mask) == 0 && !(shape.TakesMedia && media[gpu])))
            {
                var (nextMasks, nextMedia) = (masks.ToArray(), media.ToArray());
                nextMasks[gpu] |= window.Mask;
                nextMedia[gpu] |= shape.TakesMedia;
                foreach (var way in Ways(problem, profiles[1..], nextMasks, nextMedia))
                {
                    yield return way;
                }
            }
        }
    }

    private static double Cost(RestartProblem problem, uint[] after, PriceTable price) => after.Select((mask, g) =>
        price[problem.Gpus[g].Occupancy] - price[new Occupancy(mask, problem.Gpus[g].Occupancy.MediaTaken)]
        + (PriceTable.EmptyGpuSurcharge
            * ((problem.Gpus[g].Occupancy.Mask == 0 ? 1 : 0) - (mask == 0 ? 1 : 0)))).Sum();
}
