using VgpuPS.Bench;
using Xunit;

namespace VgpuPS.Tests.Bench;

public sealed class CommonStartTests
{
    private static readonly DateTimeOffset s_now = DateTimeOffset.FromUnixTimeMilliseconds(1_764_500_000_500);

    [Theory]
    [InlineData(1_764_500_000.5)]
    [InlineData(1_764_500_010)]
    [InlineData(1_764_503_600)]
    [InlineData(1_764_499_999.6)]
    public void A_start_that_can_be_kept_or_is_hardly_late_is_taken(double startAt) =>
        CommonStart.Require(startAt, s_now, "set up and warm");

    [Theory]
    [InlineData(1_764_499_999, 75, "set up and warm 1.500 s after --start-at 1764499999")]
    [InlineData(1_764_496_400.125, 75, "set up and warm 3600.375 s after --start-at 1764496400.125")]
    [InlineData(1_764_504_000.5, 64, "--start-at 1764504000.5 is 4000 s ahead of this guest's clock")]
    [InlineData(99_999_999_999, 64, "--start-at 99999999999 is 98235499999 s ahead")]
    [InlineData(5, 75, "set up and warm 1764499995.500 s after --start-at 5")]
    public void A_start_that_cannot_be_kept_is_refused(double startAt, int exitCode, string message)
    {
        var failure = Assert.Throws<BenchFailure>(() => CommonStart.Require(startAt, s_now, "set up and warm"));
        Assert.Equal(exitCode, failure.ExitCode);
        Assert.StartsWith(message, failure.Message, StringComparison.Ordinal);
        Assert.Contains("vgpu-bench clock", failure.Action, StringComparison.Ordinal);
    }
}
