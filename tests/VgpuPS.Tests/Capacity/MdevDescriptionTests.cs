using System.Text;
using VgpuPS.Core.Proxmox;
using Xunit;

namespace VgpuPS.Tests.Capacity;

public sealed class MdevDescriptionTests
{
    [Fact]
    public void All_parts_are_read() =>
        Assert.Equal(
            new MdevDescription(4, 60, 2048, "7680x4320", 24),
            Read("num_heads=4, frl_config=60, framebuffer=2048M, max_resolution=7680x4320, max_instance=24\n"));

    [Fact]
    public void Missing_parts_stay_unknown() =>
        Assert.Equal(new MdevDescription(4, 45, null, null, null), Read("num_heads=4, frl_config=45\n"));

    [Theory]
    [InlineData("")]
    [InlineData("num_heads=four, framebuffer=2048, max_instance=-1")]
    public void Unreadable_parts_stay_unknown(string text) =>
        Assert.Equal(new MdevDescription(null, null, null, null, null), Read(text));

    private static MdevDescription Read(string text) => MdevDescription.Read(Encoding.UTF8.GetBytes(text));
}
