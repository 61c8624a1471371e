using VgpuPS.Core.Cpu;
using Xunit;

namespace VgpuPS.Tests.Cpu;

/// <summary>Lists of CPUs as Proxmox and the kernel write them.</summary>
/// <remarks>Source: facts/numa.md C1.</remarks>
public sealed class CpuSetTests
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("0-5,48-53", "0-5,48-53")]
    [InlineData(" 3, 1 ,2", "1-3")]
    [InlineData("0-1,1-2,7", "0-2,7")]
    public void A_list_is_read_and_written_without_blanks(string text, string written) =>
        Assert.Equal(written, CpuSet.TryParse(text)?.ToString());

    [Theory]
    [InlineData("")]
    [InlineData("5-0")]
    [InlineData("0-10:2")]
    [InlineData("a")]
    [InlineData("1,,2")]
    [InlineData("-1")]
    [InlineData("1-2-3")]
    [InlineData("0-9999999")]
    public void What_Proxmox_refuses_is_none(string text) => Assert.Null(CpuSet.TryParse(text));
}
