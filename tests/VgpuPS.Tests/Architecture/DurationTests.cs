using System.Reflection;
using System.Text.RegularExpressions;
using Xunit;

namespace VgpuPS.Tests.Architecture;

/// <summary>The tests are divided by one trait, with one value, as the chapter says.</summary>
public sealed class DurationTests
{
    [Fact]
    public void A_long_class_says_so_in_the_one_way_that_the_commands_of_the_chapter_know()
    {
        var traits = typeof(DurationTests).Assembly.GetTypes()
            .SelectMany(t => t.GetMethods().Cast<MemberInfo>().Append(t))
            .SelectMany(m => m.GetCustomAttributes<TraitAttribute>(inherit: false)).Select(t => $"{t.Name}={t.Value}")
            .ToList();
        Assert.Equal(["Duration=Long"], traits.Distinct());
        var chapter = File.ReadAllText(Path.Combine(Checkout.Root, "src", "docs", "development.md"));
        Assert.Equal(
            ["Duration!=Long", "Duration=Long"],
            Regex.Matches(chapter, "--filter '?(Duration!?=\\w+)").Select(m => m.Groups[1].Value).Distinct()
                .Order(StringComparer.Ordinal));
    }
}
