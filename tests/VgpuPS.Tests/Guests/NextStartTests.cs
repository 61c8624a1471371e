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
    public void What_the_next_start_uses_is_in_effect_and_nothing_waits()
    {
        var next = _config.AtNextStart;
        Assert.Equal([0, 2, 5], next.HostPci.Select(e => e.Index));
        Assert.Equal("0000:4b:00.7,mdev=nvidia-689", next.Main["hostpci2"]);
        Assert.Null(next.Main["memory"]);
        Assert.Empty(next.Pending.HostPci);
        Assert.Empty(next.Pending.Deletions);
        Assert.Same(next, next.AtNextStart);
    }

    [Theory]
    [InlineData("machine: q35", true)]
    [InlineData("machine: pc-q35-9.2+pve1,viommu=intel", true)]
    [InlineData("machine: type=q35", true)]
    [InlineData("machine: pc-i440fx-9.2", false)]
    [InlineData("memory: 512", false)]
    [InlineData("memory: 512\n[PENDING]\nmachine: q35", true)]
    [InlineData("machine: q35\n[PENDING]\ndelete: machine", false)]
    public void A_machine_with_PCI_Express_is_known(string text, bool isQ35) =>
        Assert.Equal(isQ35, VmConfigReader.Read(text, PveGeneration.Pve9).AtNextStart.IsQ35);

    [Fact]
    public void A_key_that_waits_to_be_deleted_has_no_next_value() =>
        Assert.Equal((null, "512"), (_config.NextValue("memory"), _config.Main["memory"]));
}
