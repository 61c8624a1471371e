using VgpuPS.Core.Rows;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using VgpuPS.Sessions;
using Xunit;

namespace VgpuPS.Tests.Commands;

/// <content>Which VMs are measured, on which hosts, and when programs begin.</content>
public sealed partial class MeasureVgpuPerformanceCommandTests
{
    private const string Memory = "-Workload DeviceMemory -Confirm:$false";

    [Theory]
    [InlineData("Get-VgpuVm | Measure-VgpuPerformance")]
    [InlineData("101, 102, 103, 105, 106 | Measure-VgpuPerformance")]
    [InlineData("Measure-VgpuPerformance *")]
    [InlineData("Measure-VgpuPerformance 101, 10[2-6]")]
    public async Task What_cannot_be_measured_among_others_is_passed_over_with_one_warning(string line)
    {
        await LabAsync(Start(2) + "; New-LabVm 105, 106; Start-LabVm 105, 106");
        var result = Run($"{line} {Memory}");
        Assert.Equal([101, 102, 101, 102], result.Output.Select(o => ((VgpuPerformanceInfo)o.BaseObject).VmId));
        var warning = Assert.Single(result.Warnings, w => w.Contains("passed over", StringComparison.Ordinal));
        Assert.Matches(
            "^VMs that cannot be measured are passed over: VMs? 103.* (does|do) not run; VMs 105, 106 have no vGPU",
            warning);
    }

    [Fact]
    public async Task A_template_among_others_is_passed_over()
    {
        var node = await LabAsync(Start(1));
        var path = node.ConfigPath(new(103));
        node.Host.Files.WriteWhole(
            path, [.. node.Host.Files.Read(path, 1 << 20), .. "template: 1\n"u8], Convert.ToInt32("640", 8));
        var result = Run($"Get-VgpuVm 101, 103 | Measure-VgpuPerformance {Memory}");
        Assert.Contains("VMs that cannot be measured are passed over: VM 103 is a template", result.Warnings);
        Assert.Single(result.Output);
    }

    [Fact]
    public async Task What_is_named_and_cannot_be_measured_is_an_error()
    {
        await LabAsync(Start(1));
        var result = Try($"Measure-VgpuPerformance 101, 103 {Memory}");
        Assert.Equal("VmNotRunning", Assert.Single(result.Errors).FullyQualifiedErrorId.Split(',')[0]);
        Assert.Single(result.Output);
        Assert.DoesNotContain(result.Warnings, w => w.Contains("passed over", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_nothing_is_left_to_be_measured_it_is_one_error()
    {
        await LabAsync("New-LabVm 105; Start-LabVm 105");
        var result = Try($"Get-VgpuVm 103, 104, 105 | Measure-VgpuPerformance {Memory}");
        var failure = Assert.Single(result.Errors);
        Assert.Equal("VmNotRunning", failure.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(
            "None of these VMs can be measured: VMs 103, 104 do not run; VM 105 has no vGPU",
            failure.ErrorDetails.Message);
        Assert.Contains("Start-VgpuVm 103", failure.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Empty(result.Output);
        Assert.StartsWith(
            "VM 103 (render) does not run", Refusal($"103 | Measure-VgpuPerformance {Memory}").ErrorDetails.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hosts_measure_side_by_side_and_their_rows_come_host_by_host()
    {
        var (one, two) = await TwoLabsAsync();

        // Neither host goes on before the other measures too.
        using var meeting = new Barrier(2);
        var met = new System.Collections.Concurrent.ConcurrentBag<bool>();
        AtTake(one, 1, () => met.Add(meeting.SignalAndWait(20_000)));
        AtTake(two, 1, () => met.Add(meeting.SignalAndWait(20_000)));
        var rows = Rows($"Get-VgpuVm 101, 102 | Measure-VgpuPerformance {Memory}");
        Assert.Equal([true, true], met);
        Assert.Equal(
            ["lab 101 Idle", "lab 102 Idle", "lab 101 Loaded", "lab 102 Loaded", "lab2 101 Idle", "lab2 102 Idle",
                "lab2 101 Loaded", "lab2 102 Loaded"],
            rows.Select(r => $"{r.VgpuHost} {r.VmId} {r.Mode}"));
        AssertClean(one);
        AssertClean(two);
    }

    [Fact]
    public async Task Ctrl_C_ends_the_programs_on_all_hosts_and_removes_them()
    {
        var (one, two) = await TwoLabsAsync();
        using var meeting = new Barrier(2, _ => Interrupt());
        AtTake(one, 3, () => meeting.SignalAndWait(20_000));
        AtTake(two, 3, () => meeting.SignalAndWait(20_000));
        var result = Try($"Measure-VgpuPerformance 101, 102 -Session lab* -Seconds 600 -Repeat 20 {Memory}");
        Assert.Equal(1, meeting.CurrentPhaseNumber);
        Assert.Empty(result.Output);
        AssertClean(one);
        AssertClean(two);
    }

    [Fact]
    public async Task A_program_that_does_not_run_is_said_of_each_guest()
    {
        var node = await LabAsync(Start(2));
        node.Host.Files.WriteWhole("/usr/lib/vgpups/vgpu-bench", "none"u8.ToArray(), Convert.ToInt32("755", 8));
        var result = Try($"Measure-VgpuPerformance 101, 102 {Memory}");
        Assert.Equal(
            ["VM 101 (web)", "VM 102 (build)"],
            result.Errors.Select(e => e.ErrorDetails.Message.Split(" cannot run /run/vgpups/vgpu-bench: ")[0])
                .Order(StringComparer.Ordinal));
        Assert.Empty(result.Output);
        AssertClean(node);
    }

    [Fact]
    public async Task A_host_that_fails_does_not_keep_the_other_from_it()
    {
        await OpenLabAsync();
        Run("Connect-VgpuHost -Lab A30 -Name lab2");
        Run(OnHost(Start(1), "'lab'"));
        var result = Try($"Measure-VgpuPerformance 101, 103 -Session lab, lab2 {Memory}");
        Assert.Equal("lab", ((VgpuPerformanceInfo)Assert.Single(result.Output).BaseObject).VgpuHost);
        Assert.All(result.Errors, e => Assert.StartsWith("VmNotRunning,", e.FullyQualifiedErrorId));
        Assert.Equal(3, result.Errors.Count);
        var passed = Run($"Get-VgpuVm 101, 103 | Measure-VgpuPerformance {Memory}");
        Assert.Contains(
            "VMs that cannot be measured are passed over: VMs 103 on lab, 101 on lab2, 103 on lab2 do not run",
            passed.Warnings);
    }

    [Theory]
    [InlineData("Idle", false)]
    [InlineData("Loaded", true)]
    public async Task Only_who_works_with_others_waits_for_a_common_start(string mode, bool isTimed)
    {
        var node = await LabAsync(Start(2));
        IReadOnlyList<string>? words = null;
        AtTake(node, 1, () => words = [
            .. node.Host.State.Guests.SelectMany(g => g.Programs).First(p => p.IsWorking).Work!.Arguments]);
        Rows($"Measure-VgpuPerformance 101, 102 -Mode {mode} {Memory}");
        Assert.Equal(isTimed, words!.Contains("--start-at"));
    }

    [Fact]
    public async Task What_the_GPU_did_while_a_program_was_set_up_does_not_count()
    {
        var node = await LabAsync(Start(1));
        Edit(node, 101, g => g.SetUpSeconds = 40);
        var row = Assert.Single(Rows("Measure-VgpuPerformance 101 -Workload LargeGemm -Confirm:$false"));
        Assert.Equal((1440, 1440), (row.Conditions.LowestClockMHz, row.Conditions.HighestClockMHz));
        Assert.InRange(row.Seconds, 10, 12);
    }

    [Fact]
    public async Task Guests_that_are_late_begin_once_more_with_a_later_start()
    {
        var node = await LabAsync(Start(2));
        Edit(node, 102, g => g.SetUpSeconds = 40);
        var rows = Rows("Measure-VgpuPerformance 101, 102 -Mode Loaded -Workload SmallGemm -Confirm:$false");
        Assert.Equal([101, 102], rows.Select(r => r.VmId));
        Assert.Equal(rows[0].Time, rows[1].Time);
        AssertClean(node);
    }

    [Fact]
    public async Task A_guest_that_is_late_each_time_fails_and_says_by_how_much()
    {
        var node = await LabAsync(Start(2));
        Edit(node, 102, g => g.SetUpSeconds = 30);
        var before = node.Host.Gate.Passing;
        node.Host.Gate.Passing = (call, actor) =>
        {
            before?.Invoke(call, actor);
            if (call == "nvmlDeviceGetPowerUsage")
            {
                Edit(node, 102, g => g.SetUpSeconds += 1.5);
            }
        };
        var result = Try("Measure-VgpuPerformance 101, 102 -Mode Loaded -Workload SmallGemm -Confirm:$false");
        var failure = Assert.Single(result.Errors);
        Assert.StartsWith("BenchLate,", failure.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Matches(
            @"^SmallGemm Loaded: VM 102 \(build\): .* [0-9.]+ s after --start-at", failure.ErrorDetails.Message);
        var row = (VgpuPerformanceInfo)Assert.Single(result.Output).BaseObject;
        Assert.Contains(row.Notes, n => n.StartsWith("VM 102 (build) failed meanwhile (BenchLate)"));
        AssertClean(node);
    }

    [Fact]
    public async Task A_link_that_is_narrower_than_it_could_be_is_noted()
    {
        var node = await LabAsync(Start(1));
        var whole = Assert.Single(Rows($"Measure-VgpuPerformance 101 {Memory}"));
        Assert.Equal("4.0 x16", whole.Conditions.PcieLink);
        Assert.Empty(whole.Notes);
        node.Host.Edit(s => s.Gpus[0].Meters.LinkWidth = 8);
        var row = Assert.Single(Rows($"Measure-VgpuPerformance 101 {Memory}"));
        Assert.Equal("4.0 x8", row.Conditions.PcieLink);
        Assert.Equal("its PCI Express link ran at 4.0 x8 of 4.0 x16", Assert.Single(row.Notes));
    }

    [Fact]
    public void A_licence_that_ends_in_the_middle_is_rehearsed()
    {
        Run(Start(2) + "; Set-LabGuest 102 -LicenseEndsAfter 00:00:30");
        var result = Try($"Measure-VgpuPerformance 101, 102 -Mode Loaded -Seconds 60 {Memory}");
        var failure = Assert.Single(result.Errors);
        Assert.StartsWith("LicenseLost,", failure.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.StartsWith(
            "DeviceMemory Loaded: the vGPU of VM 102 (build) lost its licence while it was measured",
            failure.ErrorDetails.Message, StringComparison.Ordinal);
        Assert.Equal(101, ((VgpuPerformanceInfo)Assert.Single(result.Output).BaseObject).VmId);
    }

    private async Task<(LabHostNode One, LabHostNode Two)> TwoLabsAsync()
    {
        var one = await OpenLabAsync();
        var two = LabHostNode.Create(new LabOptions { WithVms = true });
        await HostSessions.AddAsync(
            "lab2", "lab", name => Task.FromResult<IHostSession>(new LabHostSession(name, two)));
        Run($"'lab', 'lab2' | ForEach-Object {{ {OnHost(Start(2), "$_")} }}");
        return (one, two);
    }

    private static string OnHost(string script, string host) =>
        $"$PSDefaultParameterValues = @{{ '*:Session' = {host} }}; {script}; $PSDefaultParameterValues = @{{}}";
}
