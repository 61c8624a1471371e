using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class GetVgpuSchedulerCommandTests : PipedCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Get-VgpuScheduler 9", "DeviceNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Get-VgpuScheduler 0000:4b", "0000:4b:00.0" } };

    protected override string Prepare => "Enable-Sriov 0";

    [Fact]
    public void Policy_slice_and_limits_are_shown()
    {
        Run("Enable-Sriov 0; Set-VgpuScheduler 0 EqualShare -TimesliceMilliseconds 5");
        var scheduler = One<VgpuSchedulerInfo>("Get-VgpuScheduler 0");
        Assert.Equal(("EqualShare", 5), (scheduler.Policy, scheduler.TimesliceMilliseconds));
    }
}
