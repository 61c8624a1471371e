using VgpuPS.Core.Metrics;
using VgpuPS.Host;
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
}
