using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class GetVmVgpuDriverCommandTests : PipedCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Get-VmVgpuDriver 4711", "VmNotFound", ErrorCategory.ObjectNotFound },
        { "Get-VmVgpuDriver 101 -Session nobody", "SessionNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Get-VmVgpuDriver we", "101" },
        { "Get-VmVgpuDriver -VmName bui", "102" },
    };

    protected override string Prepare => "Enable-Sriov 0; Add-VmVgpu 101, 102, 104 A30-6C; Start-LabVm 101, 104";

    [Theory]
    [InlineData("580.105.08", "SameBranch", true)]
    [InlineData("535.161.08", "OlderBranch", false)]
    [InlineData("999.10", "NewerBranch", false)]
    [InlineData("", "Missing", false)]
    [InlineData("strange", "Unknown", false)]
    public void A_guest_driver_is_judged(string driver, string verdict, bool fits)
    {
        Run(Prepare + $"; Set-LabGuest 101 -Driver '{driver}'");
        var row = One<VmVgpuDriverInfo>("Get-VmVgpuDriver 101");
        Assert.Equal((driver.Length > 0 ? driver : null, "580.105.06"), (row.GuestDriver, row.HostDriver));
        Assert.Equal((verdict, fits), (row.Verdict.ToString(), row.IsCompatible));
        Assert.NotEmpty(row.Message!);
    }

    [Fact]
    public void Every_VM_with_a_vGPU_is_told_of_and_no_other()
    {
        Run(Prepare + "; Set-LabGuest 101 -Driver 580.105.08");
        Assert.Equal(
            ["101 SameBranch A30-6C", "102 NotRunning ", "104 SameBranch A30-6C"],
            Values("Get-VmVgpuDriver | ForEach-Object { \"$($_.VmId) $($_.Verdict) $($_.VgpuType)\" }"));
        Assert.Empty(Values("Get-VmVgpuDriver 103; Get-VmVgpuDriver nobody*"));
        Assert.Equal(["581.80"], Values("(Get-VmVgpuDriver d*).GuestDriver"));
        Assert.Matches("VM +Type +Guest driver +Host driver +Verdict +Why", Show("Get-VmVgpuDriver"));
    }
}
