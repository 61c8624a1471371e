using VgpuPS.Fuzz;
using VgpuPS.Tests.Architecture;
using Xunit;

namespace VgpuPS.Tests.Text;

/// <summary>What the fuzzer found once is tried each time: tests/data/fuzz, a folder a reader.</summary>
[Trait("Duration", "Long")]
public sealed class FuzzCorpusTests
{
    private static readonly string s_folder = Path.Combine(Checkout.Root, "tests", "data", "fuzz");

    public static TheoryData<string> Inputs => [.. Directory
        .EnumerateFiles(s_folder, "*", SearchOption.AllDirectories)
        .Select(f => Path.GetRelativePath(s_folder, f).Replace('\\', '/'))
        .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Inputs))]
    public void An_input_that_broke_a_reader_is_taken_or_refused(string input)
    {
        var target = FuzzTarget.All.Single(t => t.Name == input.Split('/')[0]);
        Assert.Null(target.Try(File.ReadAllBytes(Path.Combine(s_folder, input))));
    }

    [Fact]
    public void Every_reader_takes_its_samples()
    {
        foreach (var (target, sample) in FuzzTarget.All.SelectMany(t => t.Samples.Select(s => (t, s))))
        {
            Assert.Null(target.Try(sample));
            if (target.Name is not "guest" && !target.Name.Contains('-', StringComparison.Ordinal))
            {
                // One that is refused leads nowhere.
                target.Run(sample);
            }
        }
    }

    [Fact]
    public void A_reader_that_breaks_is_found_and_its_input_made_small()
    {
        var target = new FuzzTarget("faulty", ["{\"a\":1,\"b\":[2,3]}"u8.ToArray()], raw =>
        {
            if (raw.AsSpan().IndexOf("null"u8) >= 0)
            {
                throw new InvalidOperationException("bang");
            }
        });
        var run = new FuzzRun([target], 1, TimeSpan.FromSeconds(1), 0, 1);
        run.Run();
        var finding = Assert.Single(run.Findings);
        Assert.Equal("null"u8.ToArray(), finding.Input);
        Assert.True(run.Counts["faulty"] > 0);
    }
}
