using VgpuPS.Core.Gpu;
using VgpuPS.Host.Nvml;
using VgpuPS.Lab.Models;
using Xunit;

namespace VgpuPS.Tests.Nvml;

public sealed class MigProfileNamesTests
{
    [Theory]
    [InlineData(0u, 1u, 5856ul, 24258ul, "1g.6gb")]
    [InlineData(1u, 2u, 11904ul, 24258ul, "2g.12gb")]
    [InlineData(3u, 4u, 24000ul, 24258ul, "4g.24gb")]
    [InlineData(7u, 1u, 5856ul, 24258ul, "1g.6gb+me")]
    [InlineData(8u, 2u, 11904ul, 24258ul, "2g.12gb+me")]
    [InlineData(0u, 1u, 4864ul, 40536ul, "1g.5gb")]
    [InlineData(9u, 1u, 9856ul, 40536ul, "1g.10gb")]
    [InlineData(2u, 3u, 19968ul, 40536ul, "3g.20gb")]
    [InlineData(4u, 7u, 40192ul, 40536ul, "7g.40gb")]
    [InlineData(0u, 1u, 9728ul, 81920ul, "1g.10gb")]
    public void A_name_is_built_from_figures(uint slot, uint slices, ulong memoryMiB, ulong totalMiB, string name) =>
        Assert.Equal(name, MigProfileNames.Build(slot, slices, memoryMiB, totalMiB << 20));

    [Fact]
    public void The_drivers_name_finds_a_profile_whose_name_was_built() => Assert.All(
        GpuModel.Names.Select(GpuModel.Load), model =>
        {
            var built = model.Profiles.Select(p => Profile(p.Id, MigProfileNames.Build(
                p.Slot, (uint)p.ComputeSlices, (ulong)p.MemoryMiB, (ulong)model.MemoryMiB << 20))).ToList();
            Assert.Equal(built.Count, built.Select(p => p.Name).Distinct().Count());
            Assert.All(model.Profiles, p => Assert.Equal(p.Id, ProfileNames.Find(built, p.Name)?.Id.Value));
        });

    [Theory]
    [InlineData("1g.22gb", true, "1g.24gb")]
    [InlineData("1g.22gb", false, null)]
    [InlineData("1g.12gb", true, null)]
    [InlineData("1g.40gb+me", true, null)]
    [InlineData("2g.24gb", true, null)]
    [InlineData("1g.0gb", true, null)]
    [InlineData("1g", true, null)]
    public void Only_a_name_that_was_built_is_found_by_one_that_is_near(string text, bool isBuilt, string? found) =>
        Assert.Equal(found, ProfileNames.Find([Profile(19, "1g.24gb") with { IsNameBuilt = isBuilt }], text)?.Name);

    [Theory]
    [InlineData("MIG 2g.12gb", "2g.12gb")]
    [InlineData("MIG 1c.2g.12gb", "1c.2g.12gb")]
    [InlineData("1g.6gb+me", "1g.6gb+me")]
    public void The_drivers_prefix_is_dropped(string name, string expected) =>
        Assert.Equal(expected, MigProfileNames.Strip(name));

    [Theory]
    [InlineData(2u, "2g.12gb")]
    [InlineData(1u, "1c.2g.12gb")]
    public void A_compute_instance_that_fills_its_instance_has_its_name(uint slices, string name) =>
        Assert.Equal(name, MigProfileNames.BuildCompute(slices, 2, "2g.12gb"));

    private static GpuInstanceProfile Profile(uint id, string name) => new(
        new ProfileId(id), name, 1, 0, 0, 1, EngineCounts.None, [])
    { IsNameBuilt = true };
}
