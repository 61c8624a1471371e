using VgpuPS.Core.Metrics;
using Xunit;

namespace VgpuPS.Tests.Text;

public sealed class MetricTextTests
{
    [Theory]
    [InlineData("a\"b\\c\nd", "vgpups_vm_info{vm=\"101\",name=\"a\\\"b\\\\c\\nd\"} 1\n")]
    [InlineData("</script>", "vgpups_vm_info{vm=\"101\",name=\"</script>\"} 1\n")]
    [InlineData("", "vgpups_vm_info{vm=\"101\"} 1\n")]
    public void Label_values_are_escaped_and_empty_ones_left_out(string name, string expected) =>
        Assert.EndsWith(
            expected, MetricText.Write([HostMetrics.Vm.Sample(1, "101", name)]), StringComparison.Ordinal);

    [Fact]
    public void A_metric_is_one_block_in_the_order_of_the_table() => Assert.Equal(
        """
        # HELP vgpups_collect_duration_seconds How long these values took to read.
        # TYPE vgpups_collect_duration_seconds gauge
        vgpups_collect_duration_seconds 0.5
        # HELP vgpups_gpu_power_watts Power draw.
        # TYPE vgpups_gpu_power_watts gauge
        vgpups_gpu_power_watts{gpu="a",uuid="b"} 61.25
        vgpups_gpu_power_watts{gpu="c",uuid="d"} 55
        # HELP vgpups_gpu_energy_joules_total Energy since the driver was loaded.
        # TYPE vgpups_gpu_energy_joules_total counter
        vgpups_gpu_energy_joules_total{gpu="a",uuid="b"} 12345678901
        """.ReplaceLineEndings("\n") + "\n",
        MetricText.Write(
        [
            GpuMetrics.Power.Sample(61.25, "a", "b"), GpuMetrics.Energy.Sample(12345678901, "a", "b"),
            HostMetrics.Duration.Sample(0.5), GpuMetrics.Power.Sample(55, "c", "d"),
        ]));

    [Fact]
    public void A_sample_that_comes_twice_is_written_once() => Assert.Single(
        MetricText.Write([GpuMetrics.Power.Sample(1, "a", "b"), GpuMetrics.Power.Sample(2, "a", "b")])
            .Split('\n'), l => l.StartsWith("vgpups_", StringComparison.Ordinal));

    [Theory]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    [InlineData(0.1, "0.1")]
    [InlineData(1764518400, "1764518400")]
    public void Numbers_are_as_Go_reads_them(double value, string text) => Assert.EndsWith(
        $" {text}\n", MetricText.Write([HostMetrics.Duration.Sample(value)]), StringComparison.Ordinal);

    [Fact]
    public void Every_metric_has_a_name_a_reader_accepts()
    {
        Assert.True(MetricTable.All.Count > 60);
        Assert.Equal(MetricTable.All.Count, MetricTable.All.Select(f => f.Name).Distinct().Count());
        Assert.All(MetricTable.All, f =>
        {
            Assert.Matches("^vgpups_[a-z]+(_[a-z]+)*$", f.Name);
            Assert.Equal(f.Type == MetricType.Counter, f.Name.EndsWith("_total", StringComparison.Ordinal));
            Assert.EndsWith(".", f.Help, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', f.Help);
            Assert.All(f.Labels, l => Assert.Matches("^[a-z]+(_[a-z]+)*$", l));
        });
    }
}
