using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Performance;
using Xunit;

namespace VgpuPS.Tests.Performance;

public sealed class BenchOutputTests
{
    private const string Device = """
        {"kind":"device","version":1,"name":"NVIDIA A30-6C","uuid":"GPU-1","multiprocessors":56,"computeCapability":"8.0","driver":"12.4","memoryMiB":6144,"simulated":false}
        """;

    private const string Ready =
        """{"kind":"ready","workload":"gemm","unixSeconds":1764500000.125,"check":"passed"}""";

    private const string One =
        """{"kind":"sample","startSeconds":1764500010.0001,"endSeconds":1764500010.2504,"count":12,"value":25.2}""";

    private const string Two =
        """{"kind":"sample","startSeconds":1764500010.2504,"endSeconds":1764500010.5,"count":11,"value":25.4}""";

    private const string Result = """
        {"kind":"result","workload":"gemm","unit":"GFLOP/s","value":25.3,"quartile1":25.25,"quartile3":25.35,"minimum":25.2,"maximum":25.4,"samples":2,"seconds":0.5}
        """;

    [Fact]
    public void A_whole_run_is_read()
    {
        var output = Read(Device, Ready, One, Two, Result);
        Assert.Equal(
            new BenchDevice("NVIDIA A30-6C", "GPU-1", 56, "8.0", "12.4", 6144, IsSimulated: false), output.Device);
        Assert.Equal([25.2, 25.4], output.Samples.Select(s => s.Value));
        Assert.Equal(1764500010.2504, output.Samples[0].EndSeconds);
    }

    [Fact]
    public void Lines_come_in_any_order_and_samples_are_sorted()
    {
        var output = Read(Two, Result, One, Ready, Device);
        Assert.Equal([25.2, 25.4], output.Samples.Select(s => s.Value));
    }

    [Fact]
    public void A_newer_program_may_say_more_on_a_line() =>
        Assert.Equal(2, Read(
            Device, Ready, One.Replace("\"count\"", "\"temperature\":60,\"count\"", StringComparison.Ordinal), Two,
            Result).Samples.Count);

    public static TheoryData<string, int?, string> Wrong => new()
    {
        { "", null, "is empty" },
        { Text(Device, Ready, One, Two), null, "no line of kind result" },
        { Text(Device, One, Two, Result), null, "no line of kind ready" },
        { Text(Ready, One, Two, Result), null, "no line of kind device" },
        { Text(Device, Device, Ready, One, Two, Result), 2, "a second line of kind device" },
        { Text(Device, Ready, One, Two, Result)[..^1], 5, "the output is cut" },
        { Text(Device, Ready, One, Two, Result)[..^9], 5, "the output is cut" },
        { Text(Device, Ready, One, Two, "", Result), 5, "not JSON" },
        { Text(Device, Ready, One, "[1]", Result), 4, "not a JSON object" },
        { Text(Device, Ready, One, "Segmentation fault", Result), 4, "not JSON" },
        { Text(Device, Ready, One, With(Two, "25.4", "NaN"), Result), 4, "not JSON" },
        { Text(Device, Ready, One, With(Two, "25.4", "\"NaN\""), Result), 4, "value is not a number" },
        { Text(Device, Ready, One, With(Two, "25.4", "-25.4"), Result), 4, "not a figure that a GPU can reach" },
        { Text(Device, Ready, One, With(Two, "25.4", "0"), Result), 4, "not a figure that a GPU can reach" },
        { Text(Device, Ready, One, With(Two, "25.4", "1e12"), Result), 4, "not a figure that a GPU can reach" },
        { Text(Device, Ready, One, With(Two, "25.4", "1e999"), Result), 4, "too large" },
        { Text(Device, Ready, One, With(Two, "\"count\":11,", ""), Result), 4, "no member 'count'" },
        { Text(Device, Ready, One, With(Two, "\"count\":11", "\"count\":0"), Result), 4, "count is not a whole" },
        { Text(Device, Ready, One, With(Two, "10.5,", "10.25,"), Result), 4, "ends before it begins" },
        { Text(Device, Ready, One, With(Two, "10.2504", "10.1"), Result), 4, "overlaps that of line 3" },
        { Text(Device, Ready, One, With(Two, "\"sample\"", "\"sampel\""), Result), 4, "kind 'sampel'" },
        { Text(Device, Ready, One, With(Two, "\"count\":11", "\"count\":11,\"count\":12"), Result), 4, "two members" },
        { Text(Device, Ready, One, Result), 4, "counts 2 samples, and 1 were read" },
        { Text(Device, With(Ready, "passed", "failed"), One, Two, Result), 2, "'failed' and not 'passed'" },
        { Text(Device, With(Ready, "gemm", "d2d"), One, Two, Result), 2, "of workload 'd2d'" },
        { Text(Device, Ready, One, Two, With(Result, "GFLOP/s", "TFLOP/s")), 5, "unit is 'TFLOP/s'" },
        { Text(With(Device, "\"version\":1", "\"version\":2"), Ready, One, Two, Result), 1, "of version 2" },
        { Text(With(Device, "NVIDIA A30-6C", new string('x', 300)), Ready, One, Two, Result), 1, "longer than 200" },
        { Text(With(Device, "NVIDIA A30-6C", new string('x', 3000)), Ready, One, Two, Result), 1, "characters" },
        { string.Concat(Enumerable.Repeat(One + "\n", 20_010)), 20_002, "more than 20000 lines" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_not_the_output_of_a_whole_run_is_refused(string text, int? line, string why)
    {
        var failure = Assert.Throws<UnreadableDataException>(
            () => BenchOutput.Read(text, Workload.SmallGemm, "VM 101 (web)", "101"));
        Assert.Equal((ErrorIds.BenchOutputUnusable, "101"), (failure.ErrorId, failure.Target));
        Assert.Contains(why, failure.Message, StringComparison.Ordinal);
        Assert.Contains("VM 101 (web)", failure.Message, StringComparison.Ordinal);
        Assert.Equal(line, (int?)failure.Line);
        if (line is { } number)
        {
            Assert.Contains(
                string.Create(CultureInfo.InvariantCulture, $"line {number} "), failure.Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_clock_is_one_line() => Assert.Equal(
        1764500000.125,
        BenchOutput.ReadClock("{\"kind\":\"clock\",\"unixSeconds\":1764500000.125}\n", "VM 101", "101"));

    [Theory]
    [InlineData("{\"kind\":\"clock\",\"unixSeconds\":1764500000.125}")]
    [InlineData("{\"kind\":\"clock\"}\n")]
    [InlineData("{\"kind\":\"clock\",\"unixSeconds\":-1}\n")]
    [InlineData("{\"kind\":\"clock\",\"unixSeconds\":1e300}\n")]
    [InlineData("{\"kind\":\"device\",\"unixSeconds\":1}\n")]
    [InlineData("1764500000\n")]
    public void What_is_no_clock_is_refused(string text) => Assert.Throws<UnreadableDataException>(
        () => BenchOutput.ReadClock(text, "VM 101", "101"));

    // However a guest changes its output, it is read or refused, and never more than that.
    [Fact]
    public void Any_change_of_the_output_is_read_or_refused()
    {
        var whole = Text(Device, Ready, One, Two, Result);
        var refused = 0;
        Prop.ForAll(
            ArbMap.Default.ArbFor<(PositiveInt, char)>(),
            change =>
            {
                var at = change.Item1.Get * 7 % whole.Length;
                try
                {
                    BenchOutput.Read(
                        whole[..at] + change.Item2 + whole[(at + 1)..], Workload.SmallGemm, "VM 101", "101");
                }
                catch (UnreadableDataException)
                {
                    refused++;
                }

                return true;
            }).Holds(2000);
        Assert.True(refused > 500);
    }

    private static BenchOutput Read(params IEnumerable<string> lines) =>
        BenchOutput.Read(Text(lines), Workload.SmallGemm, "VM 101", "101");

    private static string Text(params IEnumerable<string> lines) => string.Concat(lines.Select(l => l.Trim() + "\n"));

    private static string With(string line, string old, string other)
    {
        Assert.Contains(old, line, StringComparison.Ordinal);
        return line.Replace(old, other, StringComparison.Ordinal);
    }
}
