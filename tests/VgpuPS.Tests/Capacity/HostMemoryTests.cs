using VgpuPS.Core.Capacity;
using Xunit;

namespace VgpuPS.Tests.Capacity;

public sealed class HostMemoryTests
{
    private static readonly HostMemory s_host = new(10_000, 16)
    {
        FreePagesMiB = new Dictionary<int, long> { [2] = 3_000, [1024] = 0 },
    };

    [Theory]
    [InlineData(10_000, 16, null, null)]
    [InlineData(10_001, 16, null, CapacityLimit.HostMemory)]
    [InlineData(1_000, 17, null, CapacityLimit.HostCpus)]
    [InlineData(13_000, 1, 2, null)]
    [InlineData(13_001, 1, 2, CapacityLimit.HostMemory)]
    [InlineData(10_001, 1, 1024, CapacityLimit.HostMemory)]
    public void A_VM_starts_with_all_of_its_memory(long memory, int cpus, int? page, CapacityLimit? limit) =>
        Assert.Equal(limit, s_host.FindLimit(new VmNeeds(memory, cpus, page)));

    [Fact]
    public void Huge_pages_that_are_free_go_first_and_what_is_missing_is_made_of_free_memory()
    {
        var after = s_host.Without(new VmNeeds(4_000, 1, 2));
        Assert.Equal((9_000, 0), (after.AvailableMiB, after.FreePagesMiB[2]));
        Assert.Equal(2, s_host.Count(new VmNeeds(6_000, 1, 2)).Count);
        Assert.Equal(1, s_host.Count(new VmNeeds(6_000, 1)).Count);
    }
}
