using VgpuPS.Core.Metrics;
using VgpuPS.Host;
using VgpuPS.Tests.Architecture;
using VgpuPS.Tests.Operations.Metrics;
using Xunit;

namespace VgpuPS.Tests.Golden;

/// <summary>What <c>vgpu-hook metrics</c> prints, and what there can be at all.</summary>
public sealed class GoldenMetricsTests
{
    public static TheoryData<string> Hosts => [.. GoldenHosts.All.Keys];

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task Text_of(string host)
    {
        var found = await GoldenHosts.All[host]().CollectAsync();
        GoldenFile.Check(
            $"metrics/{host}.prom",
            found.Text.Replace(ProgramVersion.Own, "VERSION", StringComparison.Ordinal));
    }

    [Fact]
    public void Table() => GoldenFile.Check(
        "metrics.txt",
        string.Concat(MetricTable.All.Select(
            f => $"{f.Name} {f.Type} {string.Join(',', f.Labels)}\n").Select(l => l.ReplaceLineEndings("\n"))));

    /// <summary>The chapter's tables are those of the code.</summary>
    [Fact]
    public void Chapter()
    {
        const string Begin = "<!-- metrics: written by GoldenMetricsTests -->\n";
        const string End = "<!-- end -->";
        var path = Path.Combine(Checkout.Root, "src", "docs", "metrics.md");
        var text = File.ReadAllText(path);
        var from = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var expected = text[..from] + Tables() + text[text.IndexOf(End, from, StringComparison.Ordinal)..];
        if (Environment.GetEnvironmentVariable(GoldenFile.Switch) == "write")
        {
            File.WriteAllText(path, expected);
        }

        Assert.Equal(expected, File.ReadAllText(path));
    }

    private static string Tables() => string.Concat(MetricTable.All.GroupBy(AreaOf).Select(area =>
        $"\n### {area.Key}\n\n| metric | labels | what |\n|---|---|---|\n" + string.Concat(area.Select(
            f => $"| `{f.Name}` | {string.Join(", ", f.Labels)} | {f.Help.TrimEnd('.')} |\n")))) + "\n";

    private static string AreaOf(MetricFamily family) => family.Labels.Contains("function") ? "Of vGPUs"
        : family.Labels.Contains("gi") ? "Of GPU instances"
        : family.Labels.Contains("gpu") && family != HostMetrics.Supported ? "Of GPUs"
        : "Of the host";
}
