using System.Globalization;
using System.Text;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Metrics;

/// <summary>The three faces of <c>vgpu-hook metrics</c>, with what hook and doctor keep.</summary>
public sealed class MetricsFacesTests
{
    private const string Path = "/var/lib/prometheus/node-exporter/vgpups.prom";

    private readonly LabHostNode _node = LabNodes.A30(LabBackend.Vfio, gpus: 2);

    [Fact]
    public void Counters_and_the_doctors_last_result_are_in_the_text()
    {
        _node.CreateVm(new VgpuPS.Core.Gpu.VmId(101), "0=0000:4b:00.4,mdev=nvidia-689");
        _node.CreateVm(new VgpuPS.Core.Gpu.VmId(102), "0=0000:4b:00.5,mdev=nvidia-999");
        Assert.Contains("vgpups_hook_failed_runs_total{phase=\"pre-start\"} 0\n", Print(), StringComparison.Ordinal);
        Assert.DoesNotContain("vgpups_doctor", Print(), StringComparison.Ordinal);
        Assert.Null(_node.Start(101).Error);
        Assert.NotNull(_node.Start(102).Error);
        _node.Host.Put("/etc/vgpups/layout.json", $$"""{"gpus":[{"gpu":"{{LabNodes.OtherGpu}}","mig":false}]}""");
        _node.Host.Edit(s => s.KernelLog.Add("[   12.000000] NVRM: Xid (PCI:0000:4b:00): 79, pid=7, lost"));
        Assert.Equal(0, _node.Hook("doctor", "--record").ExitCode);
        var text = Print();
        Assert.Contains("vgpups_hook_runs_total{phase=\"pre-start\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("vgpups_hook_failed_runs_total{phase=\"pre-start\"} 1\n", text, StringComparison.Ordinal);
        Assert.Matches("vgpups_hook_failures_total\\{phase=\"pre-start\",error=\"[A-Za-z]+\"\\} 1\n", text);
        Assert.Contains("vgpups_layout_drift{gpu=\"0000:ca:00.0\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("vgpups_xid_events{gpu=\"0000:4b:00.0\",xid=\"79\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("vgpups_doctor_check{check=\"LayoutDiffers\",", text, StringComparison.Ordinal);
        var now = _node.Host.Clock.GetUtcNow().ToUnixTimeSeconds();
        Assert.Contains(
            string.Create(CultureInfo.InvariantCulture, $"vgpups_doctor_timestamp_seconds {now}\n"), text,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/run/vgpups/counters.json", "hook")]
    [InlineData("/run/vgpups/doctor.json", "doctor")]
    public void A_file_that_is_not_readable_is_a_failed_part_and_the_rest_is_there(string path, string part)
    {
        _node.Host.Put(path, "no JSON");
        var text = Print();
        Assert.Contains($"vgpups_collect_failed{{part=\"{part}\"}} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("vgpups_driver_up 1\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_file_is_what_is_printed()
    {
        _node.Host.Files.CreateDirectory("/var/lib/prometheus/node-exporter", FileModes.Mode755);
        var result = _node.Hook("metrics", "--textfile", Path);
        Assert.Equal((0, "", ""), (result.ExitCode, result.Output, result.Error));
        Assert.Equal(FileModes.Mode644, _node.Host.Files.GetInfo(Path)!.Mode);
        Assert.Contains(
            "vgpups_driver_up 1\n", Encoding.UTF8.GetString(_node.Host.Files.Read(Path, 1 << 20)),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--textfile", Path)]
    [InlineData("--textfile", "vgpups.prom")]
    [InlineData("--textfile")]
    [InlineData("--frobnicate")]
    [InlineData("--http", "now")]
    public void A_folder_that_is_missing_and_options_that_are_none_are_refused_in_two_lines(params string[] options)
    {
        var result = _node.Hook(["metrics", .. options]);
        Assert.Equal(64, result.ExitCode);
        RefusalCase.TwoLines(result, $"vgpu-hook: metrics {string.Join(' ', options)}: ");
    }

    [Fact]
    public async Task A_request_is_answered_with_what_is_printed()
    {
        using var input = new MemoryStream("GET /metrics HTTP/1.1\r\n\r\n"u8.ToArray());
        using var output = new MemoryStream();
        Assert.Equal(0, await _node.ServeMetricsAsync(
            input, output, TextWriter.Null, TestContext.Current.CancellationToken));
        var answer = Encoding.UTF8.GetString(output.ToArray());
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith(Print(), answer, StringComparison.Ordinal);
    }

    private string Print()
    {
        var result = _node.Hook("metrics");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        return result.Output;
    }
}
