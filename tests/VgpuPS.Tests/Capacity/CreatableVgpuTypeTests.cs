using System.Text;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Proxmox;
using Xunit;

namespace VgpuPS.Tests.Capacity;

public sealed class CreatableVgpuTypeTests
{
    [Theory]
    [InlineData("ID    : vGPU Name\n1147  : NVIDIA L40S-1Q\n1148  : NVIDIA L40S-2Q\n",
        "1147=NVIDIA L40S-1Q 1148=NVIDIA L40S-2Q")]
    [InlineData("NVIDIA A40-1Q 557\nNVIDIA A40-2Q 558\n", "557=NVIDIA A40-1Q 558=NVIDIA A40-2Q")]
    [InlineData("  1147:NVIDIA L40S-1Q", "1147=NVIDIA L40S-1Q")]
    [InlineData("1464  : NVIDIA RTX Pro 6000 DC-1-24\n", "1464=NVIDIA RTX Pro 6000 DC-1-24")]
    [InlineData("ID    : vGPU Name\n", "")]
    [InlineData("", "")]
    [InlineData("NVIDIA A40-1Q: 557\n", "557=NVIDIA A40-1Q:")]
    [InlineData("1147\n  557\n1147 :\n", "")]
    [InlineData("0 : none\n99999999999 : too large\n\n:\n", "")]
    public void List_is_read_in_both_forms(string text, string types) =>
        Assert.Equal(
            types,
            string.Join(
                ' ', CreatableVgpuType.Read(Encoding.UTF8.GetBytes(text)).Select(type => $"{type.Id}={type.Name}")));

    [Fact]
    public void Line_is_written_as_the_driver_does() =>
        Assert.Equal(
            "1131  : NVIDIA H100XL-5C", new CreatableVgpuType(new VgpuTypeId(1131), "NVIDIA H100XL-5C").ToString());
}
