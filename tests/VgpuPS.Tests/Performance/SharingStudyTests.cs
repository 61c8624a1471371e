using VgpuPS.Core.Rows;
using VgpuPS.Tests.Commands;
using Xunit;

namespace VgpuPS.Tests.Performance;

/// <summary>The article's study as commands, from four VMs to the table, on simulated hosts.</summary>
/// <remarks>This checks the way, not the physics: the guests' figures come from a model with the article's.</remarks>
public sealed class SharingStudyTests : EngineTests
{
    private const string Vms = "101, 102, 103, 105";

    private static readonly Dictionary<string, Dictionary<string, VgpuSharingInfo>> s_studies = [];

    /// <summary>Workload, mode, figure of a time-sliced vGPU, of a MIG-backed one.</summary>
    /// <remarks>Source: facts/measuring.md F2.</remarks>
    public static TheoryData<string, string, double, double> Article => new()
    {
        { "HostToDevice", "Idle", 25.2, 25.2 },
        { "HostToDevice", "Loaded", 6.3, 6.3 },
        { "DeviceToHost", "Idle", 26.2, 26.3 },
        { "DeviceToHost", "Loaded", 6.6, 6.6 },
        { "DeviceMemory", "Idle", 786, 196 },
        { "DeviceMemory", "Loaded", 160, 196 },
        { "SmallGemm", "Idle", 6680, 6550 },
        { "SmallGemm", "Loaded", 1410, 6550 },
        { "LargeGemm", "Idle", 68800, 16000 },
        { "LargeGemm", "Loaded", 14500, 15300 },
    };

    /// <summary>Workload, mode, figures by formula: peak of the board or of the instance's part, times the article's
    /// efficiency.</summary>
    /// <remarks>Source: facts/measuring.md F21 to F23.</remarks>
    public static TheoryData<string, string, double, double> ByFormula => new()
    {
        { "HostToDevice", "Idle", 64 * 25.2 / 32, 64 * 25.2 / 32 },
        { "HostToDevice", "Loaded", 64 * 25.2 / 32 / 4, 64 * 25.2 / 32 / 4 },
        { "DeviceMemory", "Idle", 3352.3 * 786 / 933.1, 3352.3 / 8 * 784 / 933.1 },
        { "DeviceMemory", "Loaded", 3352.3 * 160 / 933.1, 3352.3 / 8 * 784 / 933.1 },
        { "LargeGemm", "Idle", 494_715 * 68.8 / 82.575, 494_715 * 16.0 / 132 * 16 / (82.575 / 4) },
        { "LargeGemm", "Loaded", 494_715 * 14.5 / 82.575, 494_715 * 16.0 / 132 * 16 / (82.575 / 4) },
    };

    protected override string Models => "A30";

    [Theory]
    [MemberData(nameof(Article))]
    public void The_articles_table_comes_out_of_the_commands(string workload, string mode, double sliced, double mig)
    {
        var row = Study("A30", "A30-6C", "A30-1-6C")[$"{workload} {mode}"];
        Assert.InRange(row.ReferenceValue!.Value / sliced, 0.98, 1.02);
        Assert.InRange(row.DifferenceValue!.Value / mig, 0.98, 1.02);
        Assert.True(row.IsSimulated);
        Assert.Equal(4, row.ReferenceValues.Count);
        Assert.Equal(
            (mode == "Idle" ? 1 : 4, mode == "Idle" ? 1 : 4), (row.ReferenceWorkingCount, row.DifferenceWorkingCount));
    }

    [Theory]
    [MemberData(nameof(ByFormula))]
    public void A_board_without_figures_of_the_article_follows_the_formulae(
        string workload, string mode, double sliced, double mig)
    {
        var row = Study("'H100 SXM5'", "H100XM-20C", "H100XM-1-10C")[$"{workload} {mode}"];
        Assert.InRange(row.ReferenceValue!.Value / sliced, 0.98, 1.02);
        Assert.InRange(row.DifferenceValue!.Value / mig, 0.98, 1.02);
    }

    [Fact]
    public void Three_of_four_instances_stay_below_the_power_limit_and_the_fourth_reaches_it()
    {
        Start("A30-1-6C", isMig: true);
        var rows = Values($"Measure-VgpuPerformance {Vms} -Workload LargeGemm -Mode Loaded -Seconds 4; "
            + "Measure-VgpuPerformance 101, 102, 103 -Workload LargeGemm -Mode Loaded -Seconds 4")
            .Cast<VgpuPerformanceInfo>().ToList();
        Assert.Equal((7, 7), (rows.Count, rows.Select(r => r.Value).Distinct().Count()));
        Assert.All(rows.Take(4), r => Assert.InRange(r.Value / 15300, 0.99, 1.01));
        Assert.All(rows.Take(4), r => Assert.Contains("PowerCap", r.Conditions.ClockEvents, StringComparison.Ordinal));
        Assert.All(rows.Skip(4), r => Assert.InRange(r.Value / 16000, 0.99, 1.01));
    }

    [Theory]
    [InlineData("HostToDevice", "bandwidthTest", 25.2, 6.3)]
    [InlineData("DeviceMemory", "nvbandwidth", 786, 160)]
    [InlineData("LargeGemm", "cutlass_profiler", 68800, 14500)]
    public void Programs_of_the_guests_come_to_the_same(string workload, string tool, double idle, double loaded)
    {
        Start("A30-6C", isMig: false);
        var rows = Values($"Set-LabGuest {Vms} -CudaTool {tool}; "
            + $"Measure-VgpuPerformance {Vms} -Tool Cuda -Workload {workload}").Cast<VgpuPerformanceInfo>().ToList();
        Assert.Equal(8, rows.Count);
        Assert.All(rows, r => Assert.InRange(r.Value / (r.Mode == "Idle" ? idle : loaded), 0.98, 1.02));
        Assert.Equal(
            "GuestProgramNotFound", RefusalId(
                $"Set-LabGuest 101 -CudaTool @(); Measure-VgpuPerformance 101 -Tool Cuda -Workload {workload}"));
    }

    [Fact]
    public void Clocks_that_are_off_do_not_matter_and_one_who_fails_does_not_stop_the_others()
    {
        Start("A30-6C", isMig: false);
        var end = Try($"Set-LabGuest 101 -ClockOffset 01:00:00; Set-LabGuest 105 -CudaIsMissing $true; "
            + $"Measure-VgpuPerformance {Vms} -Workload DeviceMemory -Mode Loaded -Seconds 4");
        Assert.Equal(["CudaNotReady"], end.ErrorIds);
        var rows = end.Output.Select(o => Assert.IsType<VgpuPerformanceInfo>(o.BaseObject)).ToList();
        Assert.Equal([101, 102, 103], rows.Select(r => r.VmId));
        Assert.All(rows, r => Assert.InRange(r.Value / (640 / 3.0), 0.98, 1.02));
    }

    [Fact]
    public void A_host_in_a_file_is_measured_as_one_in_memory()
    {
        Lab(options: $"-Path '{PathOf("host.json")}'");
        Start("A30-6C", isMig: false);
        var rows = Values("Measure-VgpuPerformance 101, 102 -Workload DeviceMemory -Mode Loaded -Seconds 2")
            .Cast<VgpuPerformanceInfo>().ToList();
        Assert.Equal(2, rows.Count);
        Assert.All(rows, r => Assert.InRange(r.Value / 320, 0.98, 1.02));
    }

    [Fact]
    public void A_guest_that_dies_in_the_middle_is_reported_and_its_part_is_noted()
    {
        Start("A30-6C", isMig: false);
        var end = Try("Set-LabGuest 103 -DiesAfter 00:00:16; "
            + $"Measure-VgpuPerformance {Vms} -Workload DeviceMemory -Mode Loaded -Seconds 30");
        Assert.Single(end.ErrorIds);
        var rows = end.Output.Select(o => Assert.IsType<VgpuPerformanceInfo>(o.BaseObject)).ToList();
        Assert.Equal([101, 102, 105], rows.Select(r => r.VmId));
        Assert.All(rows, r => Assert.Contains(r.Notes, n => n.Contains("VM 103", StringComparison.Ordinal)));
    }

    private Dictionary<string, VgpuSharingInfo> Study(string board, string sliced, string mig)
    {
        // Ten figures of one study are ten tests, and it is made once.
        if (!s_studies.TryGetValue(board, out var study))
        {
            Lab(board);
            Start(sliced, isMig: false);
            Run($"$sliced = Measure-VgpuPerformance {Vms} -Seconds 4; Stop-LabVm {Vms}; "
                + $"Get-VmVgpu {Vms} | Remove-VmVgpu -Confirm:$false; Disable-Sriov 0 -Confirm:$false");
            Start(mig, isMig: true, isNew: false);
            study = s_studies[board] = Values(
                $"$mig = Measure-VgpuPerformance {Vms} -Seconds 4; Compare-VgpuSharing $sliced $mig")
                .Cast<VgpuSharingInfo>().ToDictionary(r => $"{r.Workload} {r.Mode}");
        }

        return study;
    }

    private void Start(string type, bool isMig, bool isNew = true) => Run(
        (isNew ? "New-LabVm 105; " : "") + (isMig ? "Enable-MigMode 0 -Confirm:$false; " : "")
        + $"Enable-Sriov 0; Add-VmVgpu {Vms} {type}; Start-LabVm {Vms}; $token = '{PathOf("lab.tok")}'; "
        + $"New-LabToken $token -Force | Out-Null; Set-GridLicense {Vms} -TokenPath $token");
}
