using VgpuPS.Core.Gpu;
using VgpuPS.Core.Performance;
using VgpuPS.Lab.Models;
using Xunit;

namespace VgpuPS.Tests.Performance;

public sealed class PeakTests
{
    // Source: facts/measuring.md F23.
    [Fact]
    public void An_instance_has_its_share_of_memory_and_multiprocessors_and_the_whole_link()
    {
        var board = GpuPeak.Find(0x20b7)!;
        var share = InstanceShare.Find(
            [
                Profile(14, "1g.6gb", 14, new(0, 1), new(1, 1), new(2, 1), new(3, 1)),
                Profile(0, "4g.24gb", 56, new Placement(0, 4)),
            ],
            new ProfileId(14))!;
        Assert.Equal(new InstanceShare(14, 1, 4), share);
        Assert.Equal(233.25, share.Of(board, Workload.DeviceMemory));
        Assert.Equal(20_500, share.Of(board, Workload.LargeGemm));
        Assert.Equal(32, share.Of(board, Workload.HostToDevice));
    }

    // A GH200 is not the H200 that its name has in it.
    [Fact]
    public void A_board_has_the_peaks_of_its_own_id_alone()
    {
        var known = GpuModel.Names.Select(GpuModel.Load)
            .Select(m => (m.Name, Peak: GpuPeak.Find(Convert.ToInt32(m.DeviceId, 16)), m.Speed))
            .Where(m => m.Peak is not null).ToList();
        Assert.Equal(
            [
                "NVIDIA A100 80GB PCIe", "NVIDIA A100-PCIE-40GB", "NVIDIA A30", "NVIDIA H100 80GB HBM3",
                "NVIDIA H100 NVL", "NVIDIA H100 PCIe", "NVIDIA H200", "NVIDIA H200 NVL", "NVIDIA L40S",
                "NVIDIA RTX PRO 6000 Blackwell Server Edition",
            ],
            known.Select(m => m.Name));
        Assert.All(known, m =>
        {
            Assert.Equal((m.Speed!.Multiprocessors, m.Speed.PcieGBps), (m.Peak!.Multiprocessors, m.Peak.PcieGBps));
            Assert.InRange(m.Peak.MemoryGBps, 0.99 * m.Speed.MemoryGBps, 1.01 * m.Speed.MemoryGBps);
            Assert.InRange(m.Peak.TensorGflops, 0.99 * m.Speed.TensorGflops, 1.01 * m.Speed.TensorGflops);
        });
    }

    [Fact]
    public void Without_placements_the_share_is_not_known() =>
        Assert.Null(InstanceShare.Find([Profile(14, "1g.6gb", 14)], new ProfileId(14)));

    [Theory]
    [InlineData("16.0 GT/s PCIe", "16", "16.0 GT/s PCIe", "16", "4.0 x16", false)]
    [InlineData("8.0 GT/s PCIe", "16", "16.0 GT/s PCIe", "16", "3.0 x16", true)]
    [InlineData("32.0 GT/s PCIe", "8", "32.0 GT/s PCIe", "16", "5.0 x8", true)]
    [InlineData("2.5 GT/s", "1", "5.0 GT/s", "1", "1.0 x1", true)]
    [InlineData("Unknown", "255", "16.0 GT/s PCIe", "16", null, null)]
    [InlineData(null, null, null, null, null, null)]
    [InlineData("16.0 GT/s PCIe", "", "16.0 GT/s PCIe", "16", null, null)]
    public void A_link_is_read_from_the_kernel(
        string? speed, string? width, string? maxSpeed, string? maxWidth, string? text, bool? isBelow)
    {
        var link = PcieLink.Parse(speed, width, maxSpeed, maxWidth);
        Assert.Equal((text, isBelow), (link?.ToString(), link?.IsBelowMaximum));
    }

    private static GpuInstanceProfile Profile(uint id, string name, int multiprocessors, params Placement[] places) =>
        new(new ProfileId(id), name, 1, 6144, multiprocessors, 4, EngineCounts.None, places);
}
