using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using VgpuPS.Tests.Architecture;
using Xunit;
using Xunit.Sdk;

namespace VgpuPS.Tests;

public sealed class PropertiesTests
{
    [Fact]
    public void A_seed_draws_the_same_values_each_time_and_another_seed_others()
    {
        Assert.Equal(Draw(5), Draw(5));
        Assert.NotEqual(Draw(5), Draw(6));
        Assert.Equal(50, Draw(7).Count);
    }

    [Fact]
    public void A_property_that_does_not_hold_names_its_seed_and_the_smallest_value_found()
    {
        var failure = Assert.Throws<XunitException>(() => Prop.ForAll(Numbers(), n => n < 40).Holds(100, 5));
        Assert.StartsWith("seed 5 (VGPUPS_SEED=5 ", failure.Message, StringComparison.Ordinal);
        Assert.Matches(@"Shrunk:\s+40\b", failure.Message);
    }

    [Fact]
    public void A_property_that_throws_names_its_seed() => Assert.StartsWith(
        "seed 5 ",
        Assert.Throws<XunitException>(() => Prop.ForAll(Numbers(), n => Assert.True(n < 40)).Holds(100, 5)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void The_seed_is_pinned_unless_the_environment_says_otherwise()
    {
        Assert.Equal(20261130UL, Properties.ReadSeed(null));
        Assert.Equal(7UL, Properties.ReadSeed("7"));
        Assert.NotEqual(Properties.ReadSeed("random"), Properties.ReadSeed("random"));
        Assert.Throws<FormatException>(() => Properties.ReadSeed("x"));
    }

    /// <summary>A property that is tried in another way has a seed that nobody learns.</summary>
    [Fact]
    public void Every_property_is_tried_here()
    {
        var tests = Path.Combine(Checkout.Root, "tests");
        var sources = Directory.EnumerateFiles(tests, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal))
            .Select(f => (Name: Path.GetFileName(f), Text: File.ReadAllText(f)))
            .Where(f => !f.Name.StartsWith("Properties", StringComparison.Ordinal)).ToList();
        Assert.Empty(
            sources.Where(f => Regex.IsMatch(f.Text, @"\b(Quick|Verbose)(Check|ThrowOnFailure)|\.Check\(Config"))
                .Select(f => f.Name));
        Assert.True(sources.Sum(f => Regex.Count(f.Text, @"\.Holds\(")) > 10);
    }

    private static List<int> Draw(ulong seed)
    {
        var drawn = new List<int>();
        Prop.ForAll(Numbers(), drawn.Add).Holds(50, seed);
        return drawn;
    }

    private static Arbitrary<int> Numbers() => Arb.From(Gen.Choose(0, 1000), n => n > 0 ? [n / 2, n - 1] : []);
}
