using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class TestGridLicenseCommandTests : PipedCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Test-GridLicense 4711", "VmNotFound", ErrorCategory.ObjectNotFound },
        { "Test-GridLicense 101 -ExpiresWithin '-01:00:00'", "TimeOutOfRange", ErrorCategory.InvalidArgument },
        { "Test-GridLicense 101 -Session nobody", "SessionNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Test-GridLicense we", "101" } };

    protected override string Prepare => "Enable-Sriov 0; Add-VmVgpu 101, 102 A30-6C; Start-LabVm 101, 102";

    [Fact]
    public void Each_running_vGPU_is_told_whether_it_is_licensed_and_what_to_do()
    {
        License();
        var tests = Values("Test-GridLicense").Cast<GridLicenseTestInfo>().ToList();
        Assert.Equal([(101, true), (104, false)], tests.Select(t => (t.VmId, t.Passed)));
        Assert.Null(tests[0].Message);
        Assert.Contains("Unlicensed", tests[1].Message, StringComparison.Ordinal);
        Assert.Contains("Set-GridLicense 104 -TokenPath", tests[1].RecommendedAction, StringComparison.Ordinal);
        Assert.Equal([true, false], Values("Test-GridLicense 101 -Quiet; Test-GridLicense 101, 104 -Quiet"));
    }

    [Fact]
    public void A_licence_that_ends_soon_fails()
    {
        License();
        var test = One<GridLicenseTestInfo>("Test-GridLicense 101 -ExpiresWithin '2.00:00:00'");
        Assert.False(test.Passed);
        Assert.Contains("ends at 2026-01-06", test.Message, StringComparison.Ordinal);
        Assert.True(One<bool>("Test-GridLicense 101 -ExpiresWithin '01:00:00' -Quiet"));
    }

    [Fact]
    public void A_VM_that_runs_no_vGPU_fails_and_a_guest_without_a_driver()
    {
        License();
        var test = One<GridLicenseTestInfo>("Test-GridLicense 103");
        Assert.False(test.Passed);
        Assert.Contains("Add-VmVgpu 103", test.RecommendedAction, StringComparison.Ordinal);
        Run("Set-LabGuest 104 -Driver ''");
        Assert.Contains(
            "Install-VmVgpuDriver 104", One<GridLicenseTestInfo>("Test-GridLicense desk").RecommendedAction,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_VM_that_is_not_there_and_a_host_that_cannot_be_read_do_not_stop_the_others()
    {
        License();
        var result = Try("(Test-GridLicense 4711, 104).VmId");
        Assert.Equal([104], result.Output.Select(o => o.BaseObject));
        Assert.Equal(["VmNotFound"], result.ErrorIds);
        Run("Connect-VgpuHost -Lab A30 -Bare -Name bare");
        result = Try("(Test-GridLicense).VmId");
        Assert.Equal([101, 104], result.Output.Select(o => o.BaseObject));
        Assert.Equal(ErrorCategory.NotEnabled, Assert.Single(result.Errors).CategoryInfo.Category);
    }

    [Fact]
    public void Which_host_is_meant_is_asked_where_a_VM_is_on_two()
    {
        Run(Prepare + "; Connect-VgpuHost -Lab A30 -Name other");
        Assert.Equal("AmbiguousVm", RefusalId("Test-GridLicense 101"));
        Assert.False(One<GridLicenseTestInfo>("Test-GridLicense 101 -Session other").Passed);
    }

    private void License()
    {
        var token = PathOf("lab.tok");
        Run($"Enable-Sriov 0; Add-VmVgpu 101, 104 A30-6C; Start-LabVm 101, 104; New-LabToken '{token}'");
        Run($"Set-GridLicense 101 -TokenPath '{token}'");
    }
}
