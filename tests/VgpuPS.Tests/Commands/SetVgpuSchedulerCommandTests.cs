using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class SetVgpuSchedulerCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Set-VgpuScheduler 0 EqualShare -TimesliceMilliseconds 99",
            "TimeOutOfRange", ErrorCategory.InvalidArgument },
        { "Set-VgpuScheduler 0 BestEffort -TimesliceMilliseconds 5",
            "ConflictingParameters", ErrorCategory.InvalidArgument },
        { "Set-VgpuScheduler 1 EqualShare", "SchedulerNotReady", ErrorCategory.NotEnabled },
        { "Set-VgpuScheduler 9 EqualShare", "DeviceNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Set-VgpuScheduler 0000:4b", "0000:4b:00.0" },
        { "Set-VgpuScheduler 0 -Policy Eq", "EqualShare" },
    };

    protected override string Prepare => "Enable-Sriov 0";

    protected override string Line => "Set-VgpuScheduler 0 EqualShare";

    protected override string Plan => "set the vGPU scheduler to equal share";

    protected override bool IsIdempotent => true;

    [Fact]
    public void Policy_and_slice_are_set_and_kept_over_reboots_where_that_is_asked_for()
    {
        Run(Prepare);
        Assert.Equal(
            2, One<VgpuSchedulerInfo>(
                "Set-VgpuScheduler 0 -Policy EqualShare -TimesliceMilliseconds 2 -PassThru").TimesliceMilliseconds);
        Assert.Contains(
            Run("Set-VgpuScheduler 0 FixedShare -Persist").Steps,
            s => s.Contains("/etc/modprobe.d", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_too_late_and_what_MIG_mode_rules_out_is_refused()
    {
        Run("Enable-Sriov 0; New-Vgpu 0 A30-8C; Enable-MigMode 1 -Reset");
        Assert.Equal(ErrorCategory.ResourceBusy, Refusal("Set-VgpuScheduler 0 EqualShare").CategoryInfo.Category);
        Assert.Equal("SchedulerNotReady", RefusalId("Set-VgpuScheduler 1 EqualShare"));
    }
}
