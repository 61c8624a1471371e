using System.Management.Automation;
using VgpuPS.Tests.Performance;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class ExportVgpuReportCommandTests : CommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Export-VgpuReport /no/such/folder/fleet.html", "PathUnusable", ErrorCategory.InvalidArgument },
        { "Export-VgpuReport .", "PathUnusable", ErrorCategory.InvalidArgument },
        { "Export-VgpuReport ./new/", "PathUnusable", ErrorCategory.InvalidArgument },
        { "Export-VgpuReport variable:fleet", "PathUnusable", ErrorCategory.InvalidArgument },
        { "Export-VgpuReport nodrive:/fleet.html", "PathUnusable", ErrorCategory.InvalidArgument },
        { "Export-VgpuReport fleet.html -Session nope", "SessionNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Export-VgpuReport fleet.html -Session l", "lab" },
    };

    private string Fleet => PathOf("fleet.html");

    [Fact]
    public void All_sessions_are_in_one_file_and_the_file_is_written_to_the_pipeline_where_wanted()
    {
        Run("Connect-VgpuHost -Lab L40S -Name other");
        Assert.Empty(Run($"Export-VgpuReport '{Fleet}'").Output);
        var text = File.ReadAllText(Fleet);
        Assert.Contains("NVIDIA A30", text, StringComparison.Ordinal);
        Assert.Contains("NVIDIA L40S", text, StringComparison.Ordinal);
        Assert.Equal(Fleet, One<FileInfo>($"Export-VgpuReport '{PathOf("2.html")}' -PassThru").FullName
            .Replace("2.html", "fleet.html", StringComparison.Ordinal));
        Assert.Equal(["2.html", "fleet.html"], FilesThere());
    }

    [Fact]
    public void Hosts_that_are_piped_in_are_the_only_ones()
    {
        Run("Connect-VgpuHost -Lab L40S -Name other");
        Run($"Get-VgpuHost other | Export-VgpuReport '{Fleet}' -Title 'Only one'");
        var text = File.ReadAllText(Fleet);
        Assert.Contains("<h1>Only one</h1>", text, StringComparison.Ordinal);
        Assert.DoesNotContain("NVIDIA A30", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_there_is_replaced_after_a_yes_or_with_Force()
    {
        File.WriteAllText(Fleet, "old");
        Answer("n");
        Assert.Contains(Fleet, Assert.Single(Run($"Export-VgpuReport '{Fleet}'").Questions), StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(Fleet));
        AssertRefused($"Export-VgpuReport '{Fleet}'", "ConfirmationRequired", ErrorCategory.NotEnabled);
        Assert.Contains("destroyed: the file", string.Join('\n', Run($"Export-VgpuReport '{Fleet}' -WhatIf").Printed),
            StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(Fleet));
        Answer("y");
        Run($"Export-VgpuReport '{Fleet}'");
        Assert.NotEqual("old", File.ReadAllText(Fleet));
        File.WriteAllText(Fleet, "old");
        Assert.Empty(Run($"Export-VgpuReport '{Fleet}' -Force").Questions);
        Assert.NotEqual("old", File.ReadAllText(Fleet));
    }

    [Fact]
    public void One_that_is_read_only_needs_Force_and_nothing_is_left_where_it_cannot_be_written()
    {
        File.WriteAllText(Fleet, "old");
        File.SetAttributes(Fleet, FileAttributes.ReadOnly);
        AssertRefused($"Export-VgpuReport '{Fleet}'", "WriteFailed", ErrorCategory.NotEnabled, "read-only", "-Force");
        Run($"Export-VgpuReport '{Fleet}' -Force");
        Assert.StartsWith("<!DOCTYPE html>", File.ReadAllText(Fleet), StringComparison.Ordinal);
        AssertRefused("Export-VgpuReport /proc/self/fleet.html", "WriteFailed", ErrorCategory.NotEnabled);
        Assert.Equal(["fleet.html"], FilesThere());
    }

    [Fact]
    public void A_link_stays_and_leads_to_the_report()
    {
        File.WriteAllText(PathOf("real.html"), "old");
        File.CreateSymbolicLink(Fleet, PathOf("real.html"));
        Run($"Export-VgpuReport '{Fleet}' -Force");
        Assert.NotNull(new FileInfo(Fleet).LinkTarget);
        Assert.StartsWith("<!DOCTYPE html>", File.ReadAllText(PathOf("real.html")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_cannot_be_read_is_in_it_with_its_error()
    {
        var node = await OpenLabAsync();
        Run("Connect-VgpuHost -Lab L40S -Name other");
        node.Host.Gate.Fail("nvmlInit*", 999, times: 99);
        node.Host.Put("/var/log/vgpups/events.jsonl", "nonsense\n");
        var result = Try($"Export-VgpuReport '{Fleet}'");
        Assert.Single(result.Errors);
        var text = File.ReadAllText(Fleet);
        Assert.Contains("could not be read", text, StringComparison.Ordinal);
        Assert.Contains("NVIDIA L40S", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_log_that_cannot_be_read_is_a_warning_and_in_the_report()
    {
        var node = await OpenLabAsync();
        node.Host.Put("/var/log/vgpups/events.jsonl", "x\n");
        node.Host.Gate.Fail("read /var/log/vgpups/events.jsonl", 5, times: 9);
        var result = Run($"Export-VgpuReport '{Fleet}'");
        Assert.Contains(result.Warnings, w => w.Contains("events.jsonl", StringComparison.Ordinal));
        Assert.Contains("events.jsonl", File.ReadAllText(Fleet), StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_that_are_piped_in_are_drawn_and_all_hosts_are_in_the_report()
    {
        Run("Connect-VgpuHost -Lab L40S -Name other; Enable-Sriov 0 -Session lab");
        Run($"$samples = Get-VgpuMetric gpu_* -Session lab; $samples | Export-VgpuReport '{Fleet}'");
        var text = File.ReadAllText(Fleet);
        Assert.Contains("id=\"measurements\"", text, StringComparison.Ordinal);
        Assert.Contains("NVIDIA L40S", text, StringComparison.Ordinal);
        Assert.Contains("class=\"chart\"", text, StringComparison.Ordinal);

        // Those of an earlier session too, and two times are a line.
        Run($"$samples | Export-Clixml '{PathOf("s.xml")}'; $later = Import-Clixml '{PathOf("s.xml")}'; "
            + "$later | ForEach-Object { $_.Time = $_.Time.AddMinutes(1) }; "
            + $"@($samples) + @($later) | Export-VgpuReport '{Fleet}' -Force");
        Assert.Contains("<polyline", File.ReadAllText(Fleet), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("@($slices) + @($mig)")]
    [InlineData("@($slices) + @($mig) | ConvertTo-Json | ConvertFrom-Json")]
    [InlineData("@($slices) + @($mig) | Export-Clixml s.xml; Import-Clixml s.xml")]
    [InlineData("Compare-VgpuSharing $slices $mig")]
    [InlineData("Compare-VgpuSharing $slices $mig | Export-Clixml s.xml; Import-Clixml s.xml")]
    [InlineData("Compare-VgpuSharing $slices $mig | ConvertTo-Json | ConvertFrom-Json")]
    public void Results_of_measurements_and_their_comparison_are_drawn(string results)
    {
        Set("slices", ArticleStudy.TimeSliced());
        Set("mig", ArticleStudy.MigBacked());
        Run($"Set-Location '{Path.GetDirectoryName(Fleet)}'; & {{ {results} }} | Export-VgpuReport '{Fleet}'");
        var text = File.ReadAllText(Fleet);
        Assert.Contains("Device memory, per vGPU", text, StringComparison.Ordinal);
        Assert.Contains("640 / 784", text, StringComparison.Ordinal);
        Assert.Contains("time-sliced: 18.6%", text, StringComparison.Ordinal);
        Assert.Contains("id=\"hosts\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Results_need_no_host_to_be_drawn()
    {
        Set("slices", ArticleStudy.TimeSliced());
        Run("Get-VgpuHost | Disconnect-VgpuHost");
        Run($"$slices | Export-VgpuReport '{Fleet}'");
        var text = File.ReadAllText(Fleet);
        Assert.Contains("Device memory, per vGPU", text, StringComparison.Ordinal);

        // Where the tests run on a host, it is in the report.
        Assert.Equal(Directory.Exists("/etc/pve"), text.Contains("id=\"hosts\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Results_that_cannot_be_and_those_without_a_common_mean_are_refused_and_no_file_is_written()
    {
        Set("slices", ArticleStudy.TimeSliced());
        Run("$bad = $slices | ConvertTo-Json | ConvertFrom-Json; $bad[2].Value = -1");
        AssertRefused($"$bad | Export-VgpuReport '{Fleet}'", "InvalidMeasurement", ErrorCategory.InvalidArgument,
            "Object 3 of -InputObject (VM 103 HostToDevice Idle) has the Value '-1'");
        Run("$bad[2].Value = 1; $bad[3].IsSimulated = $true");
        AssertRefused($"$bad | Export-VgpuReport '{Fleet}'", "MeasurementsNotComparable",
            ErrorCategory.InvalidArgument);
        Run("$rows = Compare-VgpuSharing $slices $slices | ConvertTo-Json | ConvertFrom-Json; "
            + "$rows[1].ReferenceSum = 'much'");
        AssertRefused($"$rows | Export-VgpuReport '{Fleet}'", "InvalidMeasurement", ErrorCategory.InvalidArgument,
            "Row 2 of -InputObject has the ReferenceSum 'much'");
        Assert.Empty(FilesThere());
    }

    private IEnumerable<string> FilesThere() =>
        Directory.GetFiles(Path.GetDirectoryName(Fleet)!).Select(f => Path.GetFileName(f)!).Order();
}
