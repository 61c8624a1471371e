using VgpuPS.Bench;
using Xunit;

namespace VgpuPS.Tests.Bench;

/// <summary>The lines by which hosts read the program.</summary>
public sealed class BenchLinesTests
{
    private static readonly DateTimeOffset s_time = DateTimeOffset.UnixEpoch.AddTicks(17_645_000_001_250_000);

    [Fact]
    public void The_device_is_described() =>
        Assert.Equal(
            """{"kind":"device","version":1,"name":"NVIDIA A30-6C","uuid":"GPU-1","multiprocessors":56,"computeCapability":"8.0","driver":"12.4","memoryMiB":6144,"simulated":false}""",
            BenchLines.Device(new(0, "NVIDIA A30-6C", "GPU-1", 56, 80, 12040, 6L << 30)));

    [Fact]
    public void Ready_says_when_and_that_the_result_was_checked() =>
        Assert.Equal(
            """{"kind":"ready","workload":"gemm","unixSeconds":1764500000.125,"check":"passed"}""",
            BenchLines.Ready("gemm", s_time));

    [Fact]
    public void A_sample_has_its_edges_and_its_value() =>
        Assert.Equal(
            """{"kind":"sample","startSeconds":1764500000.125,"endSeconds":1764500000.3750001,"count":12,"value":25.2}""",
            BenchLines.Sample(new(s_time, s_time.AddTicks(2_500_001), 12, 25.2)));

    [Fact]
    public void The_result_is_the_median_of_the_samples() =>
        Assert.Equal(
            """{"kind":"result","workload":"h2d","unit":"GB/s","value":2,"quartile1":1.5,"quartile3":3,"minimum":1,"maximum":4,"samples":3,"seconds":10.012346}""",
            BenchLines.Result(
                "h2d", "GB/s", [.. new[] { 1.0, 4, 2 }.Select(v => new Sample(s_time, s_time, 1, v))], 10.0123456));

    [Fact]
    public void The_clock_is_one_number() =>
        Assert.Equal("""{"kind":"clock","unixSeconds":1764500000.125}""", BenchLines.Clock(s_time));

    [Theory]
    [InlineData("plain text – 中", "plain text – 中")]
    [InlineData("a\nb\r\n\tc", "a b c")]
    [InlineData("\e[31mred\e[0m", "[31mred [0m")]
    [InlineData("right\u202Eleft\u2028x\u200B", "right left x")]
    [InlineData("", "")]
    public void Text_of_the_driver_is_one_visible_line(string text, string line) =>
        Assert.Equal(line, VisibleLine.Of(text));
}
