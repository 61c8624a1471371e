using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class RemoveGridLicenseCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Remove-GridLicense 4711", "VmNotFound", ErrorCategory.ObjectNotFound },
        { "Remove-GridLicense nobody", "VmNotFound", ErrorCategory.ObjectNotFound },
        { "Remove-GridLicense 900", "VmIsTemplate", ErrorCategory.InvalidArgument },
        { "Remove-GridLicense 103", "VmNotRunning", ErrorCategory.NotEnabled },
        { "Remove-GridLicense 102", "LicenseNotFound", ErrorCategory.ObjectNotFound },
        { "Remove-GridLicense 101 -Session nobody", "SessionNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Remove-GridLicense we", "101" },
        { "Remove-GridLicense 101 -Via A", "Agent" },
    };

    protected override string Prepare =>
        "Enable-Sriov 0; Add-VmVgpu 101, 102, 104 A30-6C; Start-LabVm 101, 102, 104; " +
        $"$null = New-LabToken '{PathOf("lab.tok")}'; Set-GridLicense 101, 104 -TokenPath '{PathOf("lab.tok")}'";

    protected override string Line => "Remove-GridLicense 101";

    protected override bool IsHigh => true;

    protected override string Plan => @"remove the token .*lab\.tok from VM 101 \(web\)";

    [Fact]
    public void A_licence_is_released_and_then_there_is_none()
    {
        Run(Prepare + "; Remove-GridLicense 101 -Confirm:$false");
        Assert.Equal(
            ["Unlicensed (Unrestricted)", "Unlicensed (Restricted)", "Licensed"],
            Values("(Get-GridLicense).LicenseStatus"));
        AssertRefused(
            "Remove-GridLicense 101", "LicenseNotFound", ErrorCategory.ObjectNotFound, action: "Get-GridLicense 101");
    }

    [Fact]
    public void A_guest_whose_agent_does_not_run_is_refused()
    {
        Run(Prepare + "; Set-LabGuest 104 -AgentRuns $false");
        AssertRefused("Remove-GridLicense 104", "GuestAgentNotRunning", ErrorCategory.NotEnabled);
    }

    [Fact]
    public void The_licence_is_written_as_it_is_then()
    {
        var row = One<GridLicenseInfo>(Prepare + "; Remove-GridLicense web -PassThru -Confirm:$false");
        Assert.Equal(101, row.VmId);
        Assert.NotEqual("Licensed", row.LicenseStatus);
        Assert.Null(row.LicenseExpiry);
    }

    [Fact]
    public void Guests_are_taken_from_the_pipeline_and_one_that_has_none_does_not_stop_the_next()
    {
        Run(Prepare);
        var result = Try("(Get-GridLicense | Remove-GridLicense -PassThru -Confirm:$false).VmId | Sort-Object");
        Assert.Equal([101, 104], result.Output.Select(o => o.BaseObject));
        Assert.Equal(["LicenseNotFound"], result.ErrorIds);
        Assert.DoesNotContain("Licensed", Values("(Get-GridLicense).LicenseStatus"));
    }

    [Fact]
    public void Objects_go_back_to_their_own_host_and_a_VM_on_two_is_asked_for()
    {
        Run(Prepare + "; Connect-VgpuHost -Lab A30 -Name other");
        Assert.Equal("AmbiguousVm", RefusalId("Remove-GridLicense 101"));
        Assert.Equal(
            ["lab"],
            Values("(Get-GridLicense 101 -Session lab | Remove-GridLicense -PassThru -Confirm:$false).VgpuHost"));
    }

    [Fact]
    public void It_goes_over_SSH_where_that_is_asked_for()
    {
        Run(Prepare + "; Set-LabGuest 101 -AgentRuns $false");
        Assert.NotEqual(
            "Licensed",
            One<string>(
                "(Remove-GridLicense 101 -Via Ssh -GuestAddress root@web -PassThru -Confirm:$false).LicenseStatus"));
    }
}
