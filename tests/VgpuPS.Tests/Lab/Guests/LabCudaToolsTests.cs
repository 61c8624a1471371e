using System.Globalization;
using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;
using Xunit;

namespace VgpuPS.Tests.Lab.Guests;

/// <summary>CUDA's own programs in simulated guests, read by readers of these tests' own.</summary>
[Trait("Duration", "Long")]
public sealed class LabCudaToolsTests
{
    private const string Range = "--mode=range --start=32000000 --end=32000000 --increment=1";
    private const string Wide = "--mode=range --start=384000000 --end=384000000 --increment=1";
    private const string Small = "--operation=Gemm --m=1024 --n=1024 --k=1024 --A=tf32:row --B=tf32:row --C=tf32 "
        + "--verification-enabled=false --profiling-iterations=100000";

    [Theory]
    [InlineData("--htod", Range, "Host to Device", 32_000_000, 25.2)]
    [InlineData("--dtoh", Range, "Device to Host", 32_000_000, 26.2)]
    [InlineData("--dtod", Wide, "Device to Device", 384_000_000, 786)]
    public void bandwidthTest_prints_its_table(string direction, string mode, string title, int bytes, double expected)
    {
        var end = Lab("bandwidthTest").Run(101, $"{direction} {mode}", "bandwidthTest");
        Assert.Equal(0, end.Code);
        Assert.Contains($" {title} Bandwidth, 1 Device(s)\n PINNED Memory Transfers\n", end.Output, Ordinal);
        var row = Regex.Match(end.Output, @"Bandwidth\(GB/s\)\n\s+(\d+)\s+(\d+\.\d)\n\nResult = PASS\n");
        Assert.Equal(bytes, int.Parse(row.Groups[1].Value, CultureInfo.InvariantCulture));
        Assert.InRange(Number(row.Groups[2].Value), expected * 0.99, expected);
    }

    [Fact]
    public void Four_at_once_share_and_end_later()
    {
        var lab = Lab("bandwidthTest");
        var pids = BenchLab.Vms.ToDictionary(
            vm => vm, vm => lab.Begin(vm, $"--htod {Range}", "bandwidthTest"));
        var before = lab.Unix;
        var outputs = pids.Select(p => lab.End(p.Key, p.Value).Output).ToList();
        Assert.All(outputs, o => Assert.Matches(@"32000000\s+6\.3\n", o));
        Assert.InRange(lab.Unix - before, 10_000 * 0.032 / 6.3, (10_000 * 0.032 / 6.3) + 5);
    }

    [Theory]
    [InlineData("host_to_device_memcpy_ce", 31, 25.2)]
    [InlineData("device_to_host_memcpy_ce", 31, 26.2)]
    [InlineData("device_local_copy", 366, 393)]
    public void nvbandwidth_prints_JSON_and_counts_a_local_copy_once(string test, int size, double expected)
    {
        var lab = Lab("nvbandwidth");
        var end = lab.Run(101, $"-t {test} -b {size} -i 500 -s -d -j", "nvbandwidth");
        var root = JObject.Parse(end.Output)["nvbandwidth"]!;
        var one = Assert.Single(root["testcases"]!);
        Assert.Equal((test, "Passed"), ((string)one["name"]!, (string)one["status"]!));
        Assert.InRange(Number((string)one["bandwidth_matrix"]![0]![0]!), expected * 0.99, expected);
        Assert.Equal("580.105.08", (string)root["Driver Version"]!);
        var plain = lab.Run(101, $"-t {test} -b {size} -i 500", "nvbandwidth").Output;
        Assert.Matches($@"SUM {test} \d+\.\d\d\n", plain);
        Assert.NotEqual(0, lab.Run(101, "-t nosuch -j", "nvbandwidth").Code);
    }

    [Fact]
    public void cutlass_profiler_prints_its_block_and_its_table()
    {
        var end = Lab("cutlass_profiler").Run(101, Small, "cutlass_profiler");
        var math = Number(Regex.Match(end.Output, @"Math: (\S+) GFLOP/s").Groups[1].Value);
        Assert.InRange(math, 6680 * 0.99, 6680);
        var milliseconds = Number(Regex.Match(end.Output, @"Runtime: (\S+)  ms").Groups[1].Value);
        Assert.Equal(2.0 * ((1L << 30) + (1 << 20)) / milliseconds / 1e6, math, 0.1);
        var lines = end.Output.Split('\n');
        var header = Array.FindIndex(lines, l => l.StartsWith("Problem,Provider,", Ordinal));
        var row = lines[header].Split(',').Zip(lines[header + 1].Split(',')).ToDictionary();
        Assert.Equal(lines[header].Split(',').Length, lines[header + 1].Split(',').Length);
        Assert.Equal(("1024", "success", math), (row["k"], row["Status"], Number(row["GFLOPs"])));
    }

    [Fact]
    public void A_guest_has_the_programs_that_it_was_given_and_no_others()
    {
        var lab = Lab("nvbandwidth");
        Assert.Contains("No such file", lab.Raw(101, "bandwidthTest").Error, Ordinal);
        Assert.Contains("No such file", lab.Raw(101, "/opt/nvbandwidth").Error, Ordinal);
        Assert.Equal(0, lab.Run(101, "-t device_local_copy", "/usr/local/bin/nvbandwidth").Code);
        lab.Guest(101).CudaIsMissing = true;
        Assert.Equal(127, lab.Run(101, "-t device_local_copy", "nvbandwidth").Code);
    }

    private static StringComparison Ordinal => StringComparison.Ordinal;

    private static BenchLab Lab(string tool)
    {
        var lab = BenchLab.TimeSliced();
        foreach (var vm in BenchLab.Vms)
        {
            lab.Guest(vm).CudaTools.Add(tool);
        }

        return lab;
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
