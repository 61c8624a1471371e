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
    public void The_table_has_before_and_after()
    {
        Run(Prepare);
        var lines = Show("Get-VgpuEvent | Format-Table").Split('\n');
        Assert.Contains(lines, l => Regex.IsMatch(l, "^Time +Source +VM +Action and target +Change"));
        Assert.Contains(lines, l => l.Contains("off -> on", StringComparison.Ordinal));
    }
}
