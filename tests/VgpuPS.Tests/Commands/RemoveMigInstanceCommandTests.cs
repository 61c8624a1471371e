using System.Management.Automation;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class RemoveMigInstanceCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Remove-MigInstance 0 -GpuInstanceId 13", "InstanceNotFound", ErrorCategory.ObjectNotFound },
        { "Remove-MigInstance 9 -GpuInstanceId 1", "DeviceNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Remove-MigInstance 0 ", "1" } };

    protected override string Prepare => "Enable-MigMode 0 -Reset; New-MigInstance 0 -Profile 2g.12gb -Placement 0:2";

    protected override string Line => "Get-MigInstance | Remove-MigInstance";

    protected override string Plan => @"destroy GPU instance \d+ \(2g\.12gb at";

    protected override bool IsHigh => true;

    private const string Three =
        "Enable-MigMode 0 -Reset; Enable-Sriov 0; New-MigInstance 0 -Profile 2g.12gb, 1g.6gb, 1g.6gb";

    [Fact]
    public void What_is_piped_in_goes_compute_instances_along()
    {
        Run(Three + "; Get-MigInstance -Profile 1g.6gb | Remove-MigInstance -Confirm:$false");
        Assert.Equal(["2g.12gb"], Values("(Get-MigInstance).Profile"));
    }

    [Fact]
    public void PassThru_writes_what_went()
    {
        Run(Three);
        Assert.Equal(
            ["2:1", "3:1"],
            Values("(Get-MigInstance -Profile 1g.6gb | Remove-MigInstance -Confirm:$false -PassThru).Placement"));
        Assert.Single(Values("Get-MigInstance"));
    }

    [Fact]
    public void Each_object_is_asked_about_and_one_answer_can_be_for_all()
    {
        Run("Enable-MigMode 0 -Reset; New-MigInstance 0 -Profile 1g.6gb -Count 4");
        Answer("yna");
        Assert.Equal(3, Run("Get-MigInstance | Remove-MigInstance").Questions.Count);
        Assert.Single(Values("Get-MigInstance"));
    }

    [Fact]
    public void One_that_a_VM_uses_is_refused_and_does_not_stop_the_next()
    {
        Run(Three + "; Add-VmVgpu 101 -Profile 2g.12gb; Start-LabVm 101");
        var failure = Assert.Single(Try("Get-MigInstance | Remove-MigInstance -Confirm:$false").Errors);
        Assert.Equal(ErrorCategory.ResourceBusy, failure.CategoryInfo.Category);
        Assert.Contains("VM 101", failure.ErrorDetails.Message, StringComparison.Ordinal);
        Assert.Equal(["2g.12gb"], Values("(Get-MigInstance).Profile"));
    }

    [Fact]
    public void The_first_failure_stops_where_that_is_asked_for()
    {
        Run(Three + "; Add-VmVgpu 101 -Profile 2g.12gb; Start-LabVm 101");
        Assert.Single(Try("Get-MigInstance | Remove-MigInstance -Confirm:$false -ErrorAction Stop").Errors);
        Assert.Equal(3, Values("Get-MigInstance").Length);
    }

    [Fact]
    public void An_instance_goes_back_to_its_own_host()
    {
        Run(Three + "; Connect-VgpuHost -Lab A30 -Name other");
        Assert.Equal("AmbiguousSession", RefusalId("Remove-MigInstance 0 5 -Confirm:$false"));
        Run("Get-MigInstance -Session lab | Remove-MigInstance -Confirm:$false");
        Assert.Empty(Values("Get-MigInstance"));
    }
}
