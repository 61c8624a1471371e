using VgpuPS.Host.Nvml;
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
}
