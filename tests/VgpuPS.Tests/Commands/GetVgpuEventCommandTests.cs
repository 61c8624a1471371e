using System.Management.Automation;
using System.Text.RegularExpressions;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class GetVgpuEventCommandTests : ReadingCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Get-VgpuEvent -Session nope", "SessionNotFound", ErrorCategory.ObjectNotFound },
        { "Get-VgpuEvent -Session nope -Follow", "SessionNotFound", ErrorCategory.ObjectNotFound },
        { "Get-VgpuEvent -Follow -First 1", "ConflictingParameters", ErrorCategory.InvalidArgument },
        { "Get-VgpuEvent -Follow -Before 2026-01-01", "ConflictingParameters", ErrorCategory.InvalidArgument },
    };

    public static TheoryData<string, string> Typed => new() { { "Get-VgpuEvent -Session l", "lab" } };

    protected override string Prepare =>
        EventsOf;

    private const string EventsOf =
        "Enable-MigMode 0 -Reset; Enable-Sriov 0; New-MigInstance 0 -Profile 2g.12gb; Add-VmVgpu 101 -Profile 2g.12gb; "
            +
        "Start-LabVm 101";

    [Fact]
    public void Who_did_what_to_which_object_is_shown_the_oldest_first()
    {
        Run(Prepare);
        var all = Values("Get-VgpuEvent").Cast<VgpuEventInfo>().ToList();
        Assert.Equal(("enableMigMode", "off", "on"), (all[0].Action, all[0].Before, all[0].After));
        Assert.Equal(
            ["Enable-MigMode", "Enable-Sriov", "New-MigInstance", "Add-VmVgpu", "hook"],
            all.Select(e => e.Source).Distinct());
        Assert.Equal(DateTimeKind.Local, all[0].Time.Kind);
    }

    [Fact]
    public void The_latest_and_the_earliest_are_taken_by_number()
    {
        Run(Prepare);
        Assert.Equal("hook", One<VgpuEventInfo>("Get-VgpuEvent -Last 1").Source);
        Assert.Equal("Enable-MigMode", One<VgpuEventInfo>("Get-VgpuEvent -First 1").Source);
        Assert.Equal(2, Values("Get-VgpuEvent -Newest 2").Length);
        Assert.Equal("ParameterArgumentValidationError", RefusalId("Get-VgpuEvent -Last 0"));
    }

    [Fact]
    public void VM_source_action_and_time_filter_and_nothing_found_is_silent()
    {
        Run(Prepare);
        Assert.All(Values("(Get-VgpuEvent -VmId 101).VmId"), vm => Assert.Equal(101, vm));
        Assert.Equal(
            ["createGpuInstance", "createComputeInstance"],
            Values("(Get-VgpuEvent -Source *-Mig* -Action create*).Action"));
        Assert.Empty(Values("Get-VgpuEvent -VmId 104"));
        Run("$third = (Get-VgpuEvent)[2].Time");
        Assert.True(One<bool>("(Get-VgpuEvent -After $third)[0].Time -eq $third"));
        Assert.Empty(Values("Get-VgpuEvent -Before $third.AddDays(-1)"));
    }

    [Fact]
    public void VMs_are_taken_from_the_pipeline()
    {
        Run(Prepare);
        Assert.Equal(101, One<VgpuEventInfo>("Get-VmVgpu 101 | Get-VgpuEvent -Last 1").VmId);
    }

    [Fact]
    public async Task Following_writes_what_was_asked_for_and_then_what_comes_of_all_hosts_until_it_is_stopped()
    {
        var node = await OpenLabAsync();
        Run("Connect-VgpuHost -Lab L40S -Name other; Enable-Sriov 0 -Session lab");
        var before = Values("Get-VgpuEvent").Length;
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(
            async () =>
            {
                for (var second = 0; !stop.IsCancellationRequested; second++)
                {
                    await Task.Delay(200, CancellationToken.None);
                    node.Host.Files.Append(
                        "/var/log/vgpups/events.jsonl",
                        System.Text.Encoding.UTF8.GetBytes(
                            "{\"time\":\"2026-01-05T08:00:00.000Z\",\"source\":\"hook\",\"vm\":"
                                + $"{101 + (second % 2)},\"action\":\"new\",\"target\":\"t\"}}\n"),
                        0b110_100_100);
                }
            },
            TestContext.Current.CancellationToken);
        var all = Values("Get-VgpuEvent -Follow -Last 1 | Select-Object -First 3").Cast<VgpuEventInfo>().ToList();
        var ofVm = Values("Get-VgpuEvent -VmId 102 -Follow | Select-Object -First 2").Cast<VgpuEventInfo>().ToList();
        await stop.CancelAsync();
        await writing;
        Assert.True(before > 0);
        Assert.Equal(["lab", "lab"], all.TakeLast(2).Select(e => e.VgpuHost));
        Assert.Equal("new", all[^1].Action);
        Assert.Equal([102, 102], ofVm.Select(e => e.VmId));
        Assert.Equal(DateTimeKind.Local, all[^1].Time.Kind);
    }

    [Fact]
    public async Task A_host_that_cannot_be_asked_is_reported_and_ends_it_only_where_it_is_the_only_one()
    {
        var node = await OpenLabAsync();
        node.Host.Put("/var/log/vgpups/events.jsonl", "x\n");
        node.Host.Gate.Fail("read /var/log/vgpups/events.jsonl", 5, times: 9);
        Assert.Equal(["ReadFailed"], Try("Get-VgpuEvent -Follow").ErrorIds);
    }

    [Fact]
    public void The_table_has_before_and_after()
    {
        Run(Prepare);
        var lines = Show("Get-VgpuEvent | Format-Table").Split('\n');
        Assert.Contains(lines, l => Regex.IsMatch(l, "^Time +Source +VM +Action and target +Change"));
        Assert.Contains(lines, l => l.Contains("off -> on", StringComparison.Ordinal));
    }
}
