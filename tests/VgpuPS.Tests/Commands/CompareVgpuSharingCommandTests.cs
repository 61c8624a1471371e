using System.Management.Automation;
using VgpuPS.Core.Rows;
using VgpuPS.Tests.Performance;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class CompareVgpuSharingCommandTests : CommandTests
{
    public CompareVgpuSharingCommandTests()
    {
        Set("slices", ArticleStudy.TimeSliced());
        Set("mig", ArticleStudy.MigBacked());
    }

    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Compare-VgpuSharing $slices @()", "InvalidMeasurement", ErrorCategory.InvalidArgument },
        { "Compare-VgpuSharing @() $mig", "InvalidMeasurement", ErrorCategory.InvalidArgument },
        { "Compare-VgpuSharing $slices $null", "InvalidMeasurement", ErrorCategory.InvalidArgument },
        { "@() | Compare-VgpuSharing $slices", "InvalidMeasurement", ErrorCategory.InvalidArgument },
        { "Compare-VgpuSharing $slices (Get-Gpu)", "InvalidMeasurement", ErrorCategory.InvalidArgument },
        { "Compare-VgpuSharing $slices 'mig.xml'", "InvalidMeasurement", ErrorCategory.InvalidArgument },
        { "Compare-VgpuSharing $slices @($mig[0], $null)", "InvalidMeasurement", ErrorCategory.InvalidArgument },
        { "Compare-VgpuSharing $slices (@($slices) + $mig)", "MeasurementsNotComparable",
            ErrorCategory.InvalidArgument },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Compare-VgpuSharing -Ref", "-Reference" },
        { "Compare-VgpuSharing $slices -Diff", "-Difference" },
    };

    [Fact]
    public void The_view_is_the_articles_table_within_80_columns()
    {
        var lines = Show("Compare-VgpuSharing $slices $mig", 80).Split('\n').Select(l => l.TrimEnd())
            .Where(l => l.Length > 0).ToList();
        Assert.Equal(
            [
                "   Compared: 4 x A30-6C time-sliced, 4 x A30-1-6C MIG-backed",
                "Workload            Mode   Reference Difference   Change    Noise       Of peak",
                "--------            ----   --------- ----------   ------    -----       -------",
                "HostToDevice, GB/s  Idle        25.2       25.2      0 %  ± 0.7 %   79 % / 79 %",
                "HostToDevice, GB/s  Loaded       6.3        6.3      0 %  ± 0.7 %   79 % / 79 %",
                "DeviceToHost, GB/s  Idle        26.2       26.3   +0.4 %  ± 0.7 %   82 % / 82 %",
                "DeviceToHost, GB/s  Loaded       6.6        6.6      0 %  ± 0.7 %   83 % / 83 %",
                "DeviceMemory, GB/s  Idle         786        196  -75.1 %  ± 0.5 %   84 % / 21 %",
                "DeviceMemory, GB/s  Loaded       160        196  +22.5 %  ± 0.8 %   69 % / 84 %",
                "SmallGemm, GFLOP/s  Idle        6680       6550   -1.9 %  ± 0.7 %     8 % / 8 %",
                "SmallGemm, GFLOP/s  Loaded      1410       6550 +364.5 %  ± 2.4 %    7 % / 32 %",
                "LargeGemm, GFLOP/s  Idle       68800      16000  -76.7 %  ± 0.5 %   84 % / 20 %",
                "LargeGemm, GFLOP/s  Loaded     14500      15300   +5.5 %  ± 0.7 %   71 % / 75 %",
            ],
            lines);
    }

    [Theory]
    [InlineData("Compare-VgpuSharing -Reference $slices -Difference $mig")]
    [InlineData("Compare-VgpuSharing -ReferenceObject $slices -DifferenceObject $mig")]
    [InlineData("$mig | Compare-VgpuSharing $slices")]
    [InlineData("Compare-VgpuSharing $slices @(, $mig)")]
    [InlineData("Compare-VgpuSharing ($slices | ConvertTo-Json | ConvertFrom-Json) "
        + "($mig | ConvertTo-Json -Depth 5 | ConvertFrom-Json -AsHashtable)")]
    [InlineData("Compare-VgpuSharing ($slices | ConvertTo-Json | ConvertFrom-Json -NoEnumerate) $mig")]
    [InlineData("$mig | ConvertTo-Csv | ConvertFrom-Csv | Compare-VgpuSharing ($slices | Select-Object *)")]
    [InlineData("$slices | Export-Clixml s.xml; $mig | Export-Clixml m.xml -Depth 1; "
        + "Compare-VgpuSharing (Import-Clixml s.xml) (Import-Clixml m.xml)")]
    public void Results_are_taken_live_from_the_pipe_and_from_files(string line)
    {
        Run($"Set-Location '{Path.GetDirectoryName(PathOf("s.xml"))}'");
        var rows = Values(line).Cast<VgpuSharingInfo>().ToList();
        var wanted = Values("Compare-VgpuSharing $slices $mig").Cast<VgpuSharingInfo>().ToList();
        Assert.Equal(wanted.Select(Text), rows.Select(Text));
    }

    [Theory]
    [InlineData("Value = 'NaN'", "Object 1 of -Difference (VM 101 HostToDevice Idle) has the Value 'NaN'")]
    [InlineData("Value = 'fast'", "Object 1 of -Difference has the Value 'fast', and it must be a number")]
    [InlineData("Value = -3", "has the Value '-3', and it must be a number that is not negative")]
    [InlineData("Value = $null", "Object 1 of -Difference is no result of a measurement: it has no Value")]
    [InlineData("Unit = 'MB/s'", "has the Unit 'MB/s', and it must be GB/s for HostToDevice")]
    [InlineData("VmId = 1.5", "has the VmId '1.5', and it must be a whole number")]
    [InlineData("IsSimulated = 'perhaps'", "has the IsSimulated 'perhaps', and it must be true or false")]
    [InlineData("IsSimulated = $null", "it has no IsSimulated")]
    [InlineData("WorkingCount = 9", "has the VgpuCount '4', and it must be at least the WorkingCount 9")]
    [InlineData("Workload = 'Sorting'", "has the Workload 'Sorting', and it must be one of HostToDevice, ")]
    public void A_member_that_cannot_be_is_refused_with_object_and_member(string change, string message) =>
        AssertRefused(
            $"$bad = $mig | ConvertTo-Json | ConvertFrom-Json; $bad[0].{change}; Compare-VgpuSharing $slices $bad",
            "InvalidMeasurement", ErrorCategory.InvalidArgument, message, "Measure-VgpuPerformance");

    [Fact]
    public void A_text_that_says_False_is_false()
    {
        var rows = Values("$mig | ConvertTo-Csv | ConvertFrom-Csv | Compare-VgpuSharing $slices");
        Assert.All(rows.Cast<VgpuSharingInfo>(), r => Assert.False(r.IsSimulated));
    }

    [Fact]
    public void What_the_sides_differ_in_is_warned_of_once()
    {
        var result = Run("$other = $mig | ConvertTo-Json | ConvertFrom-Json; $other | ForEach-Object { "
            + "$_.VgpuHost = 'pve2'; $_.GpuUuid = 'GPU-7' }; Compare-VgpuSharing $slices $other");
        Assert.Equal(
            "the results are of different hosts, GPUs: reference 0000:4b:00.0 (NVIDIA A30) of lab, difference "
                + "0000:4b:00.0 (NVIDIA A30) of pve2", Assert.Single(result.Warnings));
        Assert.Equal(10, result.Output.Count);
    }

    [Fact]
    public void A_model_is_said_to_be_one()
    {
        Run("$s = $slices | ConvertTo-Json | ConvertFrom-Json; $s | ForEach-Object { $_.IsSimulated = $true }; "
            + "$m = $mig | ConvertTo-Json | ConvertFrom-Json; $m | ForEach-Object { $_.IsSimulated = $true }");
        Assert.Contains("MIG-backed (model)", Show("Compare-VgpuSharing $s $m", 80), StringComparison.Ordinal);
        AssertRefused("Compare-VgpuSharing $s $mig", "MeasurementsNotComparable", ErrorCategory.InvalidArgument,
            "The reference is simulated");
    }

    private static string Text(VgpuSharingInfo row) => $"{row with { ReferenceValues = [], DifferenceValues = [] }}"
        + $"{row.ReferenceValues}{row.DifferenceValues}{row.ReferenceSwitchingPrice}{row.Noise}{row.VgpuHost}";
}
