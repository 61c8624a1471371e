using VgpuPS.Core.Proxmox;
using Xunit;

namespace VgpuPS.Tests.Guests;

public sealed class NextStartTests
{
    private const string Text = """
        hostpci0: 0000:4b:00.4,mdev=nvidia-689
        hostpci1: 0000:4b:00.5,mdev=nvidia-689
        hostpci2: 0000:4b:00.6,mdev=nvidia-689
        memory: 512

        [PENDING]
        delete: hostpci1,memory
        hostpci2: 0000:4b:00.7,mdev=nvidia-689
        hostpci5: 0000:4b:01.0,mdev=nvidia-689
        """;

    private readonly VmConfig _config = VmConfigReader.Read(Text, PveGeneration.Pve9);

    [Theory]
    [InlineData(0, "0000:4b:00.4")]
    [InlineData(1, null)]
    [InlineData(2, "0000:4b:00.7")]
    [InlineData(3, null)]
    [InlineData(5, "0000:4b:01.0")]
    public void What_waits_counts_at_the_next_start(int index, string? function) =>
        Assert.Equal(function, _config.NextHostPciAt(index)?.Hosts[0]);

    [Fact]
    public void Entries_of_the_next_start_come_in_order() =>
        Assert.Equal([0, 2, 5], _config.NextHostPci.Select(e => e.Index));

    [Fact]
    public void A_key_that_waits_to_be_deleted_has_no_next_value() =>
        Assert.Equal((null, "512"), (_config.NextValue("memory"), _config.Main["memory"]));
}
