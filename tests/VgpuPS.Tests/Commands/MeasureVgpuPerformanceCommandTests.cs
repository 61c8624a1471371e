using System.Management.Automation;
using VgpuPS.Core.Rows;
using VgpuPS.Lab.Guests;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed partial class MeasureVgpuPerformanceCommandTests : CommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Measure-VgpuPerformance 4711", "VmNotFound", ErrorCategory.ObjectNotFound },
        { "Measure-VgpuPerformance 103", "VmNotRunning", ErrorCategory.NotEnabled },
        { "Measure-VgpuPerformance 101 -Seconds 0", "TimeOutOfRange", ErrorCategory.InvalidArgument },
        { "Measure-VgpuPerformance 101 -Seconds 601", "TimeOutOfRange", ErrorCategory.InvalidArgument },
        { "Measure-VgpuPerformance 101 -Repeat 0", "CountOutOfRange", ErrorCategory.InvalidArgument },
        { "Measure-VgpuPerformance 101 -Workload Sort", "WorkloadNotFound", ErrorCategory.InvalidArgument },
        { "Measure-VgpuPerformance 101 -Workload TensorLoop -Tool Cuda",
            "WorkloadNotFound", ErrorCategory.InvalidArgument },
        { "Measure-VgpuPerformance 101, 102 -GuestAddress root@10.0.0.5",
            "ConflictingParameters", ErrorCategory.InvalidArgument },
        { "Measure-VgpuPerformance 101 -Mode Loaded", "LoadedNeedsSeveral", ErrorCategory.InvalidArgument },
        { "Measure-VgpuPerformance 101 -Tool Cuda -Workload SmallGemm",
            "GuestProgramNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Measure-VgpuPerformance we", "101" },
        { "Measure-VgpuPerformance 101 -Workload Sm", "SmallGemm" },
        { "Measure-VgpuPerformance 101 -Mode I", "Idle" },
    };

    protected override string Prepare => Start(2);

    private static readonly string[] s_vms = ["101", "102", "103", "105"];

    // The article's table for four A30-6C, idle and loaded.
    private static readonly (string Workload, double Idle, double Loaded)[] s_article =
    [
        ("HostToDevice", 25.2, 6.3), ("DeviceToHost", 26.2, 6.6), ("DeviceMemory", 786, 160),
        ("SmallGemm", 6680, 1410), ("LargeGemm", 68800, 14500),
    ];

    [Fact]
    public async Task The_study_of_the_article_comes_out_in_order_and_leaves_nothing_in_the_guests()
    {
        var node = await LabAsync(Start(4));
        var rows = Rows("Measure-VgpuPerformance 101, 102, 103, 105 -Confirm:$false");
        Assert.Equal(40, rows.Count);
        Assert.Equal(
            rows.Select(r => (r.Workload, r.Mode, r.VmId)),
            from work in s_article
            from mode in (string[])["Idle", "Loaded"]
            from vm in (int[])[101, 102, 103, 105]
            select (work.Workload, mode, vm));
        foreach (var (workload, idle, loaded) in s_article)
        {
            Assert.All(rows.Where(r => r.Workload == workload), r =>
                Assert.InRange(r.Value / (r.Mode == "Idle" ? idle : loaded), 0.98, 1.02));
        }

        Assert.All(rows, r =>
        {
            Assert.Equal(("lab", true, "TimeSliced", "A30-6C", 4), (
                r.VgpuHost, r.IsSimulated, r.Sharing, r.VgpuType, r.VgpuCount));
            Assert.Equal(r.Mode == "Idle" ? 1 : 4, r.WorkingCount);
            Assert.Equal(("Licensed", "580.105.08", "BestEffort"), (
                r.Conditions.License, r.Conditions.GuestDriver, r.Conditions.Scheduler));
            Assert.True(r.Samples.Count >= 20, $"{r}: {r.Samples.Count}");
            Assert.InRange(r.Efficiency!.Value, 0.01, 1);
        });
        AssertClean(node);
    }

    [Fact]
    public async Task MIG_backed_vGPUs_have_the_peak_of_their_instance()
    {
        await LabAsync(
            "Enable-MigMode 0 -Confirm:$false; Enable-Sriov 0; Add-VmVgpu 101, 102 A30-1-6C; Start-LabVm 101, 102; "
                + License("101, 102"));
        var rows = Rows("Measure-VgpuPerformance 101, 102 -Workload DeviceMemory, HostToDevice -Confirm:$false");
        Assert.Equal(
            ["DeviceMemory Idle", "DeviceMemory Loaded", "HostToDevice Idle", "HostToDevice Loaded"],
            rows.Select(r => $"{r.Workload} {r.Mode}").Distinct());
        Assert.All(rows, r => Assert.Equal("MigBacked", r.Sharing));
        Assert.All(rows.Where(r => r.Workload == "DeviceMemory"), r =>
        {
            Assert.InRange(r.Value / 196, 0.98, 1.02);
            Assert.Equal((233.25, 933.0), (r.Peak, r.GpuPeak));
        });
        Assert.All(rows.Where(r => r.Workload == "HostToDevice"), r => Assert.Equal(32, r.Peak));
    }

    [Fact]
    public async Task A_clock_that_is_an_hour_off_does_no_harm()
    {
        var node = await LabAsync(Start(2));
        Edit(node, 102, g => g.ClockOffsetSeconds = 3600);
        var rows = Rows("Measure-VgpuPerformance 101, 102 -Workload DeviceMemory -Confirm:$false");
        Assert.Equal(4, rows.Count);
        Assert.Equal(rows[2].Time, rows[3].Time);
        Assert.True(rows[2].Value < rows[0].Value * 0.6);
    }

    [Fact]
    public async Task Guests_that_cannot_be_measured_are_refused_in_words_and_the_others_are_measured()
    {
        var node = await LabAsync(
            "Enable-Sriov 0; Add-VmVgpu 101, 102, 104 A30-6C; Start-LabVm 101, 102, 104; " + License("102, 104"));
        var result = Try("Measure-VgpuPerformance 101, 102, 104 -Workload DeviceMemory -Mode Idle -Confirm:$false");
        Assert.Equal(
            ["GuestUnlicensed", "GuestUnsupported"],
            result.Errors.Select(e => e.FullyQualifiedErrorId.Split(',')[0]).Order(StringComparer.Ordinal));
        Assert.Contains(
            "VM 104 (desk) has Windows 11 Pro, and measurements run in Linux guests only",
            string.Join('\n', result.Errors.Select(e => e.ErrorDetails.Message)), StringComparison.Ordinal);
        Assert.Equal(102, ((VgpuPerformanceInfo)Assert.Single(result.Output).BaseObject).VmId);
        AssertClean(node);
    }

    [Fact]
    public async Task Before_anything_runs_it_is_said_what_is_missing()
    {
        var node = await LabAsync("Enable-Sriov 0; Start-LabVm 103; " + Start(2));
        Assert.Equal("VgpuNotFound", RefusalId("Measure-VgpuPerformance 103 -Confirm:$false"));
        Edit(node, 101, g => g.CudaIsMissing = true);
        AssertRefused(
            "Measure-VgpuPerformance 101 -Confirm:$false", "CudaNotReady", ErrorCategory.NotEnabled,
            "VM 101 (web): vgpu-bench failed: libcuda.so.1", "install the vGPU guest driver");
        Edit(node, 101, g => (g.CudaIsMissing, g.ComputeInstanceIsMissing, g.DiskIsFull) = (false, false, true));
        AssertRefused(
            "Measure-VgpuPerformance 101 -Confirm:$false", "GuestWriteFailed", ErrorCategory.NotEnabled,
            "disk is full");
        Edit(node, 101, g => (g.DiskIsFull, g.AgentRuns) = (false, false));
        Assert.Equal("GuestAgentNotRunning", RefusalId("Measure-VgpuPerformance 101 -Confirm:$false"));
        Edit(node, 101, g => (g.AgentRuns, g.Driver) = (true, null));
        Assert.Equal("GuestDriverMissing", RefusalId("Measure-VgpuPerformance 101 -Confirm:$false"));
        AssertClean(node);
    }

    [Fact]
    public void A_class_without_CUDA_is_refused()
    {
        Lab("L40S");
        Run("Enable-Sriov 0; Add-VmVgpu 101 L40S-1B; Start-LabVm 101; " + License("101"));
        AssertRefused(
            "Measure-VgpuPerformance 101 -Confirm:$false", "VgpuWithoutCuda", ErrorCategory.NotEnabled, "L40S-1B",
            "class C or Q");
    }

    [Fact]
    public void Another_vGPU_at_work_is_in_the_way_of_Idle()
    {
        Run(Start(2) + "; Set-LabGuest 102 -GpuLoad 40");
        AssertRefused(
            "Measure-VgpuPerformance 101 -Mode Idle -Confirm:$false", "VgpuBusy", ErrorCategory.ResourceBusy,
            "VM 102 uses its vGPU", "wait ten seconds");
        var result = Try("Measure-VgpuPerformance 101, 102 -Workload DeviceMemory -Confirm:$false");
        Assert.Equal("VgpuBusy", Assert.Single(result.Errors).FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(2, result.Output.Count);
        Assert.Contains(
            "its vGPU was 40 % busy before it was measured",
            ((VgpuPerformanceInfo)result.Output[1].BaseObject).Notes);
    }

    [Fact]
    public void A_VM_alone_is_measured_idle_with_a_word_about_it()
    {
        Run(Start(1));
        var result = Run("Measure-VgpuPerformance 101 -Workload DeviceMemory -Confirm:$false");
        Assert.Equal("Idle", ((VgpuPerformanceInfo)Assert.Single(result.Output).BaseObject).Mode);
        AssertRefused(
            "Measure-VgpuPerformance 101 -Mode Loaded -Confirm:$false", "LoadedNeedsSeveral",
            ErrorCategory.InvalidArgument, "is the only VM of GPU 0", "-Mode Idle");
    }

    [Fact]
    public async Task Programs_of_CUDA_that_the_guest_has_give_the_same_figures()
    {
        var node = await LabAsync(Start(2));
        Edit(node, 101, g => g.CudaTools = ["bandwidthTest", "cutlass_profiler"]);
        Edit(node, 102, g => g.CudaTools = ["nvbandwidth", "cutlass_profiler"]);
        var rows = Rows(
            "Measure-VgpuPerformance 101, 102 -Tool Cuda -Mode Idle -Workload DeviceMemory, SmallGemm -Confirm:$false");
        Assert.Equal(4, rows.Count);
        Assert.All(rows, r => Assert.InRange(r.Value / (r.Workload == "SmallGemm" ? 6680 : 786), 0.97, 1.03));
        Assert.All(rows, r => Assert.Equal(("Cuda", true, null), (r.Tool, r.IsSimulated, r.Spread)));
        Assert.Equal("by bandwidthTest", Assert.Single(rows[0].Notes));
        Assert.Equal("by nvbandwidth", Assert.Single(rows[1].Notes));
        Assert.Contains("cutlass_tensorop_tf32", Assert.Single(rows[2].Notes), StringComparison.Ordinal);
        AssertClean(node);
    }

    [Fact]
    public async Task A_program_that_a_guest_lacks_is_said_once()
    {
        var node = await LabAsync(Start(2));
        Edit(node, 101, g => g.CudaTools = ["bandwidthTest"]);
        var result = Try("Measure-VgpuPerformance 101, 102 -Tool Cuda -Confirm:$false");
        Assert.Equal(
            ["HostToDevice Idle: VM 102", "SmallGemm Idle: VM 101", "SmallGemm Idle: VM 102"],
            result.Errors.Select(e => e.ErrorDetails.Message.Split(" (")[0]).Order(StringComparer.Ordinal));
        Assert.Equal(6, result.Output.Count);
        Assert.All(result.Output, o => Assert.Equal(101, ((VgpuPerformanceInfo)o.BaseObject).VmId));
    }

    [Fact]
    public void Over_SSH_it_is_the_same()
    {
        Run(Start(2));
        var rows = Rows("Measure-VgpuPerformance 101, 102 -Via Ssh -Workload DeviceMemory -Confirm:$false");
        Assert.Equal(4, rows.Count);
        Assert.True(rows[3].Value < rows[1].Value * 0.6);
    }

    [Fact]
    public void WhatIf_prints_the_plan_and_brings_nothing_into_guests()
    {
        Run(Start(2));
        var before = State();
        var printed = string.Join('\n', Run("Measure-VgpuPerformance 101, 102 -WhatIf").Printed);
        Assert.Contains("upload vgpu-bench", printed, StringComparison.Ordinal);
        Assert.Contains("Idle, the vGPUs of 2 VMs one after the other, 10 s each", printed, StringComparison.Ordinal);
        Assert.Contains("Loaded, the vGPUs of 2 VMs at once", printed, StringComparison.Ordinal);
        Assert.Equal(before, State());
    }

    [Fact]
    public async Task A_pipeline_that_wants_no_more_ends_the_programs_and_removes_them()
    {
        var node = await LabAsync(Start(2));
        var rows = Rows("Get-VgpuVm 101, 102 | Measure-VgpuPerformance -Repeat 2 -Confirm:$false | "
            + "Select-Object -First 1");
        Assert.Equal(("HostToDevice", "Idle"), (Assert.Single(rows).Workload, rows[0].Mode));
        Assert.True(rows[0].Seconds > 19);
        AssertClean(node);
    }

    [Fact]
    public async Task Where_the_host_has_no_program_the_modules_is_brought_there_and_removed()
    {
        var node = await LabAsync(Start(1));
        node.Host.Files.Delete("/usr/lib/vgpups/vgpu-bench");
        Assert.Contains(
            "upload vgpu-bench (", string.Join('\n', Run("Measure-VgpuPerformance 101 -WhatIf").Printed),
            StringComparison.Ordinal);
        Assert.Single(Rows("Measure-VgpuPerformance 101 -Workload SmallGemm -Confirm:$false"));
        Assert.Empty(node.Host.Files.List("/var/lib/vgpups/uploads") ?? []);
        AssertClean(node);
    }

    [Fact]
    public async Task What_a_broken_run_left_is_removed_by_the_next()
    {
        var node = await LabAsync(Start(1));
        Edit(node, 101, g => g.Files["/run/vgpups/vgpu-bench"] = new LabGuestFile { Content = [1] });
        Edit(node, 101, g => g.Files["/var/tmp/vgpups-bench/out"] = new LabGuestFile { Content = [1] });
        Assert.Single(Rows("Measure-VgpuPerformance 101 -Workload SmallGemm -Confirm:$false"));
        AssertClean(node);
    }

    [Fact]
    public void A_row_shows_what_identifies_and_decides_in_80_columns()
    {
        Run(Start(1));
        Run("$row = Measure-VgpuPerformance 101 -Workload LargeGemm -Confirm:$false");
        var shown = Show("$row", 80);
        Assert.Matches(@"101 \(web\) +A30-6C +LargeGemm +Idle +68[0-9]{3} GFLOP/s +84 +model\s*$", shown);
        Assert.Equal(shown, Show("$row | ConvertTo-Csv | ConvertFrom-Csv | Out-Null; $row", 80));
    }

    private List<VgpuPerformanceInfo> Rows(string line) => [.. Values(line).Cast<VgpuPerformanceInfo>()];

    private async Task<LabHostNode> LabAsync(string script)
    {
        var node = await OpenLabAsync();
        Run(script);
        return node;
    }

    // Linux guests of time-sliced vGPUs on GPU 0, licensed.
    private string Start(int count)
    {
        var vms = string.Join(", ", s_vms.Take(count));
        return $"{(count == 4 ? "New-LabVm 105; " : "")}Enable-Sriov 0; Add-VmVgpu {vms} A30-6C; Start-LabVm {vms}; "
            + License(vms);
    }

    private string License(string vms) => $"New-LabToken '{PathOf("client_configuration_token_lab.tok")}'; "
        + $"Set-GridLicense {vms} -TokenPath '{PathOf("client_configuration_token_lab.tok")}'";

    private static void Edit(LabHostNode node, int vm, Action<LabGuest> change) => node.Host.Edit(
        state => change(state.Guests.Find(g => g.Vm == vm)!));

    // The GPU is looked at once a second while programs work.
    private static void AtTake(LabHostNode node, int number, Action work)
    {
        var (taken, before) = (0, node.Host.Gate.Passing);
        node.Host.Gate.Passing = (call, actor) =>
        {
            before?.Invoke(call, actor);
            if (call == "nvmlDeviceGetPowerUsage" && ++taken == number)
            {
                work();
            }
        };
    }

    private static void AssertClean(LabHostNode node) => Assert.All(node.Host.State.Guests, guest =>
    {
        Assert.DoesNotContain(guest.Files.Keys, f => f.StartsWith("/run/", StringComparison.Ordinal)
            || f.StartsWith("/var/tmp/", StringComparison.Ordinal));
        Assert.DoesNotContain(guest.Programs, p => p.IsWorking);
    });
}
