using VgpuPS.Core.Errors;
using VgpuPS.Text;
using Xunit;

namespace VgpuPS.Tests.Module;

public sealed class MemorySizeTests
{
    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("  ", null)]
    [InlineData("12GB", 12288L)]
    [InlineData("12 gb", 12288L)]
    [InlineData("12GiB", 12288L)]
    [InlineData("1.5G", 1536L)]
    [InlineData("6144MB", 6144L)]
    [InlineData("6144 MiB", 6144L)]
    [InlineData("512m", 512L)]
    [InlineData("12884901888", 12288L)]
    [InlineData("12884901889", 12289L)]
    public void A_size_is_read_as_people_write_it(string? text, long? mib) => Assert.Equal(mib, MemorySize.ToMiB(text));

    [Theory]
    [InlineData("12")]
    [InlineData("0GB")]
    [InlineData("-12GB")]
    [InlineData("much")]
    [InlineData("GB")]
    [InlineData("1,5GB")]
    [InlineData("99999999999999999999999999GB")]
    public void What_is_no_size_is_refused(string text) =>
        Assert.Equal(
            ErrorIds.InvalidMemorySize, Assert.Throws<InvalidRequestException>(() => MemorySize.ToMiB(text)).ErrorId);
}
