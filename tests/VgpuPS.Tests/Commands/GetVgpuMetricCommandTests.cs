using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class GetVgpuMetricCommandTests : ReadingCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Get-VgpuMetric nope", "MetricNotFound", ErrorCategory.ObjectNotFound },
        { "Get-VgpuMetric -Gpu 9", "DeviceNotFound", ErrorCategory.ObjectNotFound },
        { "Get-VgpuMetric -Session nope", "SessionNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Get-VgpuMetric vgpups_gpu_pow", "vgpups_gpu_power_watts" },
        { "Get-VgpuMetric -Session l", "lab" },
    };

    protected override string Prepare =>
        "Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Start-LabVm 101; Set-LabGuest 101 -GpuLoad 40 -Confirm:$false";

    [Fact]
    public void A_VM_s_vGPU_is_measured()
    {
        Run(Prepare);
        var sample = One<VgpuMetricInfo>("Get-VgpuMetric vgpu_sm_utilization_ratio");
        Assert.Equal((0.4, "ratio", 101, "VM 101"), (sample.Value, sample.Unit, sample.VmId, sample.Subject));
        Assert.StartsWith("GPU-", sample.GpuUuid, StringComparison.Ordinal);
        Assert.Equal("A30-6C", sample.VgpuType);
        Assert.Equal(DateTimeKind.Local, sample.Time.Kind);
    }

    [Fact]
    public void Names_take_wildcards_and_go_with_and_without_the_prefix()
    {
        Run(Prepare);
        Assert.Equal(
            ["vgpups_gpu_power_watts", "vgpups_gpu_power_limit_watts"],
            Values("(Get-VgpuMetric gpu_power*, vgpups_gpu_power_watts -Gpu 0).Metric"));
        Assert.Empty(Values("Get-VgpuMetric nothing*"));
        Assert.DoesNotContain("vgpups_metric_supported", Values("(Get-VgpuMetric).Metric"));
    }

    [Fact]
    public void GPU_and_VM_filter()
    {
        Run(Prepare);
        Assert.Equal(2, Values("Get-VgpuMetric gpu_power_watts").Length);
        Assert.Equal("0000:4b:00.0", One<string>("(Get-VgpuMetric gpu_power_watts -Gpu 0000:4b:00.0).GpuAddress"));
        Assert.All(Values("(Get-VgpuMetric -VmId 101).VmId"), v => Assert.Equal(101, v));
        Assert.Empty(Values("Get-VgpuMetric -VmId 104"));
    }

    [Fact]
    public void Objects_of_the_pipeline_choose_what_is_measured_once()
    {
        Run(Prepare);
        Assert.Equal(2, Values("Get-Gpu | Get-VgpuMetric gpu_power_watts").Length);
        Assert.Equal(0.4, One<double>("(Get-Vgpu | Get-VgpuMetric vgpu_sm*).Value"));
        Assert.Single(Values("Get-VgpuMetric gpu_up -Gpu 0 | Get-VgpuMetric gpu_power_watts"));
    }

    [Fact]
    public void What_is_not_to_be_had_is_shown_where_it_is_asked_for()
    {
        Run("Enable-MigMode 0 -Reset");
        Assert.Empty(Values("Get-VgpuMetric gpu_utilization_ratio -Gpu 0"));
        var sample = One<VgpuMetricInfo>("Get-VgpuMetric gpu_utilization_ratio -Gpu 0 -Unavailable");
        Assert.Null(sample.Value);
        Assert.Equal("not_supported", sample.Absence);
        Assert.Contains(
            "not_supported", Show("Get-VgpuMetric gpu_utilization_ratio -Gpu 0 -Unavailable"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_sample_is_a_line_of_80_columns()
    {
        Run(Prepare);
        var lines = Show(
            "Get-VgpuMetric gpu_clock_event*, vgpu_*, gpu_energy*, gpu_power_watts -Gpu 0", width: 80).Split('\n');
        Assert.All(lines, l => Assert.InRange(l.TrimEnd().Length, 0, 80));
        const int Headings = 3;
        Assert.Equal(
            Values("Get-VgpuMetric gpu_clock_event*, vgpu_*, gpu_energy*, gpu_power_watts -Gpu 0").Length + Headings,
            lines.Count(l => l.Trim().Length > 0));
        Assert.Contains(lines, l => l.StartsWith("gpu_clock_event: power_cap ", StringComparison.Ordinal));
    }

    [Fact]
    public void Samples_follow_each_other()
    {
        Run(Prepare);
        var samples = Values(
            "Get-VgpuMetric gpu_energy_joules_total -Gpu 0 -MaxSamples 3 -SampleInterval 0.1")
            .Cast<VgpuMetricInfo>().ToList();
        Assert.Equal(3, samples.Select(s => s.Time).Distinct().Count());
        Assert.True(samples[0].Value < samples[1].Value && samples[1].Value < samples[2].Value);
    }

    [Fact]
    public void Continuous_measurements_end_when_nobody_wants_more()
    {
        Run(Prepare);
        Assert.Equal(3, Values(
            "Get-VgpuMetric gpu_energy_joules_total -Gpu 0 -Continuous -SampleInterval 0.1 | Select-Object -First 3")
            .Length);
        Assert.Equal(
            "AmbiguousParameterSet", RefusalId("Get-VgpuMetric -Continuous -MaxSamples 3"));
    }

    [Fact]
    public async Task A_change_that_holds_the_lock_is_said()
    {
        var host = (await OpenLabAsync()).Host;
        Run("Enable-Sriov 0; Get-VgpuMetric");
        using (host.Files.TryLock("/run/vgpups/lock", 0b110_000_000))
        {
            var result = Try("Get-VgpuMetric gpu_power_watts, gpu_functions");
            Assert.Equal(["vgpups_gpu_functions"], result.Output.Select(o => ((VgpuMetricInfo)o.BaseObject).Metric)
                .Distinct());
            Assert.Contains(result.Warnings, w => w.Contains("holds the host lock", StringComparison.Ordinal));
        }
    }
}
