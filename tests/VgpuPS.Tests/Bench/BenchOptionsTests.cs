using VgpuPS.Bench;
using Xunit;

namespace VgpuPS.Tests.Bench;

public sealed class BenchOptionsTests
{
    [Fact]
    public void Options_are_taken_in_any_order_and_with_an_equals_sign()
    {
        var options = BenchOptions.Parse(
            "gemm --n 1000 --start-at=1764500000.125 --k 7 --m=33 --seconds 2.5 --interval .5 --device 3".Split(' '));
        Assert.Equal(
            new BenchOptions("gemm")
            {
                M = 33,
                N = 1000,
                K = 7,
                Seconds = 2.5,
                StartAt = 1764500000.125,
                Interval = 0.5,
                Device = 3,
            },
            options);
    }

    [Fact]
    public void What_is_not_given_is_as_the_help_says()
    {
        Assert.Equal(
            new BenchOptions("h2d") { Bytes = 32_000_000, Seconds = 10, Interval = 0.25, StartAt = null, Device = 0 },
            BenchOptions.Parse(["h2d", "--bytes", "32000000"]));
        Assert.Contains("10 without it", BenchHelp.Text, StringComparison.Ordinal);
        Assert.Contains("0.25 without it", BenchHelp.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("h2d --bytes 1")]
    [InlineData("d2h --bytes 1099511627776 --seconds 0.1")]
    [InlineData("d2d --bytes 384000000 --seconds 86400 --interval 60")]
    [InlineData("gemm --m 8388480 --n 1073741824 --k 1073741824 --interval 0.01")]
    [InlineData("tensor")]
    [InlineData("tensor --device 0 --start-at 1")]
    [InlineData("info --device 1023")]
    [InlineData("clock")]
    [InlineData("--version")]
    [InlineData("--help")]
    [InlineData("-h")]
    public void A_line_that_can_be_right_is_read(string line) =>
        Assert.NotNull(BenchOptions.Parse(line.Split(' ')));

    [Theory]
    [InlineData("", "no workload is given")]
    [InlineData("H2D --bytes 1", "'H2D' is not a workload")]
    [InlineData("--seconds 1 tensor", "'--seconds' is not a workload")]
    [InlineData("h2d", "h2d needs --bytes")]
    [InlineData("h2d --bytes", "--bytes has no value")]
    [InlineData("h2d --bytes 0", "--bytes is '0'")]
    [InlineData("h2d --bytes -1", "--bytes is '-1'")]
    [InlineData("h2d --bytes +1", "--bytes is '+1'")]
    [InlineData("h2d --bytes 1e6", "--bytes is '1e6'")]
    [InlineData("h2d --bytes 32M", "--bytes is '32M'")]
    [InlineData("h2d --bytes=", "--bytes is ''")]
    [InlineData("h2d --bytes 1099511627777", "--bytes is '1099511627777'")]
    [InlineData("h2d --bytes 18446744073709551617", "--bytes is '18446744073709551617'")]
    [InlineData("h2d --bytes 1 --bytes 1", "--bytes is given twice")]
    [InlineData("h2d --bytes 1 --device 0 --device=1", "--device is given twice, '0' and '1'")]
    [InlineData("h2d --bytes 1 --m 5", "h2d takes no '--m'")]
    [InlineData("h2d --bytes 1 more", "h2d takes no 'more'")]
    [InlineData("h2d --bytes 1 --Seconds 1", "h2d takes no '--Seconds'")]
    [InlineData("gemm --m 4 --n 4", "gemm needs --k")]
    [InlineData("gemm --seconds 1", "gemm needs --m and --n and --k")]
    [InlineData("gemm --m 8388481 --n 1 --k 1", "--m is '8388481'")]
    [InlineData("gemm --m 1 --n 1073741825 --k 1", "--n is '1073741825'")]
    [InlineData("gemm --m 1 --n 1 --k 2147483648", "--k is '2147483648'")]
    [InlineData("gemm --m 1 --n 1 --k 1 --bytes 1", "gemm takes no '--bytes'")]
    [InlineData("tensor --seconds 0", "--seconds is '0'")]
    [InlineData("tensor --seconds NaN", "--seconds is 'NaN'")]
    [InlineData("tensor --seconds 1,5", "--seconds is '1,5'")]
    [InlineData("tensor --seconds Infinity", "--seconds is 'Infinity'")]
    [InlineData("tensor --seconds 86401", "--seconds is '86401'")]
    [InlineData("tensor --interval 0.001", "--interval is '0.001'")]
    [InlineData("tensor --start-at -5", "--start-at is '-5'")]
    [InlineData("tensor --start-at soon", "--start-at is 'soon'")]
    [InlineData("tensor --device -1", "--device is '-1'")]
    [InlineData("tensor --device 1024", "--device is '1024'")]
    [InlineData("info --seconds 1", "info takes no '--seconds'")]
    [InlineData("clock --device 0", "clock takes no '--device'")]
    [InlineData("--version x", "--version takes no 'x'")]
    [InlineData("gemm --m 4 --n 4 --k \e[2J", "--k is '[2J'")]
    public void A_line_that_cannot_be_right_is_refused_with_what_is_wrong_and_what_to_do(string line, string message)
    {
        var failure = Assert.Throws<BenchFailure>(
            () => BenchOptions.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal(64, failure.ExitCode);
        Assert.StartsWith(message, failure.Message, StringComparison.Ordinal);
        Assert.NotEmpty(failure.Action);
    }

    [Theory]
    [InlineData("h2d", "vgpu-bench h2d --bytes 32000000")]
    [InlineData("d2h --bytes", "vgpu-bench d2h --bytes 32000000")]
    [InlineData("d2d", "vgpu-bench d2d --bytes 384000000")]
    [InlineData("gemm", "vgpu-bench gemm --m 1024 --n 1024 --k 1024")]
    [InlineData("tensor --seconds", "vgpu-bench tensor")]
    [InlineData("clock now", "vgpu-bench clock")]
    public void Advice_names_a_line_that_is_right(string line, string advised)
    {
        var failure = Assert.Throws<BenchFailure>(() => BenchOptions.Parse(line.Split(' ')));
        Assert.EndsWith(advised, failure.Action, StringComparison.Ordinal);
        Assert.NotNull(BenchOptions.Parse(advised.Split(' ')[1..]));
    }

    [Fact]
    public void Help_fits_a_terminal_and_names_every_command_and_option()
    {
        Assert.All(BenchHelp.Text.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
        Assert.All(
            "h2d d2h d2d gemm tensor info clock --version --help --bytes --m --n --k --seconds --start-at --interval "
                .Split(' '),
            word => Assert.Contains(word, BenchHelp.Text, StringComparison.Ordinal));
        var sizes = BenchHelp.Text[BenchHelp.Text.IndexOf("The article's sizes: ", StringComparison.Ordinal)..];
        var examples = sizes.Split("vgpu-bench ")[1..];
        Assert.Equal(4, examples.Length);
        Assert.All(examples, e => Assert.NotNull(BenchOptions.Parse(e.Trim().Split(' '))));
    }
}
