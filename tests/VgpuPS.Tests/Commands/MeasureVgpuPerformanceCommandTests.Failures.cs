using System.Management.Automation;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Guests;
using Xunit;

namespace VgpuPS.Tests.Commands;

/// <content>What goes wrong while it measures.</content>
public sealed partial class MeasureVgpuPerformanceCommandTests
{
    [Fact]
    public async Task A_guest_that_dies_in_the_middle_fails_its_rows_and_not_the_others()
    {
        var node = await LabAsync(Start(3));
        var after = node.Host.State.MonotonicNs + 60_000_000_000;
        Edit(node, 102, g => g.DiesAtNs = after);
        var result = Try("Measure-VgpuPerformance 101, 102, 103 -Workload LargeGemm, DeviceMemory -Mode Loaded "
            + "-Seconds 120 -Confirm:$false");
        var failure = Assert.Single(result.Errors);
        Assert.StartsWith("GuestAgentNotRunning,", failure.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("LargeGemm Loaded: ", failure.ErrorDetails.Message, StringComparison.Ordinal);
        Assert.Contains("no more is measured of it", failure.ErrorDetails.Message, StringComparison.Ordinal);
        var rows = result.Output.Select(o => (VgpuPerformanceInfo)o.BaseObject).ToList();
        Assert.Equal(
            ["LargeGemm 101", "LargeGemm 103", "DeviceMemory 101", "DeviceMemory 103"],
            rows.Select(r => $"{r.Workload} {r.VmId}"));
        Assert.All(rows, r => Assert.Contains(r.Notes, n => n.StartsWith("VM 102 (build) ", StringComparison.Ordinal)));
        Assert.All(rows, r => Assert.Equal(2, r.WorkingCount));
    }

    [Theory]
    [InlineData("nvmlDeviceGetPowerUsage")]
    [InlineData("nvmlDevice*")]
    public async Task A_GPU_that_is_lost_in_the_middle_fails_its_rows_and_not_the_command(string calls)
    {
        var node = await LabAsync(Start(2));
        node.Host.Gate.Passing = (call, _) =>
        {
            if (call == "nvmlDeviceGetPowerUsage")
            {
                node.Host.Gate.Passing = null;
                node.Host.Gate.Fail(calls, NvmlStatus.GpuIsLost, calls.Contains('*') ? 1000 : 1);
            }
        };
        var result = Try("Measure-VgpuPerformance 101, 102 -Workload DeviceMemory, SmallGemm -Confirm:$false");
        var messages = result.Errors.Select(e => e.ErrorDetails.Message).ToList();
        Assert.All(result.Errors, e => Assert.StartsWith("DriverNotReady,", e.FullyQualifiedErrorId));
        Assert.All(messages, m => Assert.Contains("no more is measured of it", m, StringComparison.Ordinal));
        Assert.Contains("DeviceMemory Idle: VM 101 (web): ", messages[0], StringComparison.Ordinal);
        var rows = result.Output.Select(o => (VgpuPerformanceInfo)o.BaseObject).ToList();
        Assert.All(rows, r => Assert.Equal(102, r.VmId));
        Assert.Equal(calls.Contains('*') ? (2, 0) : (1, 4), (messages.Count, rows.Count));
        AssertClean(node);
    }

    [Fact]
    public async Task A_guest_that_is_restarted_in_the_middle_fails_its_rows()
    {
        var node = await LabAsync(Start(1));
        AtTake(node, 3, () => Edit(node, 101, g => g.RestartsAfter = 1));
        AssertRefused(
            "Measure-VgpuPerformance 101 -Workload DeviceMemory -Confirm:$false", "GuestRestarted",
            ErrorCategory.NotEnabled, "its guest was restarted while it was measured", "last reboot");
        AssertClean(node);
    }

    [Theory]
    [InlineData(12, true)]
    [InlineData(40, false)]
    public async Task An_agent_that_comes_back_within_20_s_does_no_harm(int seconds, bool isMeasured)
    {
        var node = await LabAsync(Start(1));
        AtTake(node, 9, () => Edit(node, 101, g => g.AgentRuns = false));
        AtTake(node, 9 + seconds, () => Edit(node, 101, g => g.AgentRuns = true));
        var result = Try("Measure-VgpuPerformance 101 -Workload DeviceMemory -Confirm:$false");
        Assert.Equal(isMeasured ? (1, 0) : (0, 1), (result.Output.Count, result.Errors.Count));
        Assert.All(
            result.Errors, e => Assert.StartsWith("GuestAgentNotRunning,", e.FullyQualifiedErrorId));
    }

    [Fact]
    public async Task Where_run_executes_no_programs_it_is_on_disk()
    {
        var node = await LabAsync(Start(1));
        Edit(node, 101, g => g.NoExecPaths = ["/run/"]);
        string? folder = null;
        AtTake(node, 2, () => folder = node.Host.State.Guests.Find(g => g.Vm == 101)!.Runs.Single().Folder);
        Assert.Single(Rows("Measure-VgpuPerformance 101 -Workload DeviceMemory -Confirm:$false"));
        Assert.Equal("/var/tmp/vgpups-bench", folder);
        AssertClean(node);
    }

    [Fact]
    public async Task What_holds_the_clocks_down_is_noted()
    {
        var node = await LabAsync(Start(1));
        node.Host.Edit(s => s.Gpus[0].Meters.ClockEvents = 0x4 | 0x40);
        var row = Assert.Single(Rows("Measure-VgpuPerformance 101 -Workload LargeGemm -Confirm:$false"));
        Assert.Equal("SwPowerCap, HwThermalSlowdown", string.Join(
            ", ", row.Conditions.ClockEvents!.Split(", ").OrderDescending(StringComparer.Ordinal)));
        Assert.Contains("the board's power limit (165 W) held its clocks down", row.Notes);
        Assert.Contains(row.Notes, n => n.StartsWith(
            "its clocks were held down (HwThermalSlowdown) at ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_licence_that_is_lost_in_between_fails_that_row_alone()
    {
        var node = await LabAsync(Start(2));
        var at = node.Host.State.MonotonicNs + 45_000_000_000;
        Edit(node, 102, g => g.Events.Add(new LabGuestEvent { AtNs = at, Line = "License lost", State = 4 }));
        var result = Try("Measure-VgpuPerformance 101, 102 -Workload DeviceMemory -Mode Loaded -Seconds 60 "
            + "-Confirm:$false");
        Assert.Equal("LicenseLost", Assert.Single(result.Errors).FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(101, ((VgpuPerformanceInfo)Assert.Single(result.Output).BaseObject).VmId);
    }
}
