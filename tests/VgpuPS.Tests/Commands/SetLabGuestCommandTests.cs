using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class SetLabGuestCommandTests : ChangingCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Set-LabGuest 4711 -Driver ''", "VmNotFound", ErrorCategory.ObjectNotFound },
        { "Set-LabGuest 900 -Driver '' -WhatIf", "VmNotFound", ErrorCategory.ObjectNotFound },
        { "Set-LabGuest 101", "NothingToChange", ErrorCategory.InvalidArgument },
        { "Set-LabGuest 101 -Driver '' -Session localhost", "NotALab", ErrorCategory.InvalidArgument },
        { "Set-LabGuest 101 -Driver '' -Session nobody", "SessionNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Set-LabGuest we", "101" },
        { "Set-LabGuest 101 -LicenseFault NoE", "NoEntitlement" },
    };

    protected override string Prepare => "Enable-Sriov 0; Add-VmVgpu 101, 102 A30-6C; Start-LabVm 101, 102";

    protected override string Line => "Set-LabGuest 101 -Driver 535.161.08";

    protected override string Plan => @"set the guest's driver to 535\.161\.08";

    protected override bool IsIdempotent => true;

    [Fact]
    public void A_clock_is_set_wrong_and_right_again()
    {
        Run(Prepare + "; Set-LabGuest 101 -ClockOffset '-03:00:00'");
        Assert.True(One<GridLicenseInfo>("Get-GridLicense 101 -FromGuest").ClockSkewSeconds < -10000);
        Run("Set-LabGuest 101 -ClockOffset 0");
        Assert.InRange(One<GridLicenseInfo>("Get-GridLicense 101 -FromGuest").ClockSkewSeconds!.Value, -5, 5);
    }

    [Fact]
    public void Each_step_of_what_it_would_do_is_shown()
    {
        var printed = Assert.Single(Run(
            "Set-LabGuest 101 -ClockOffset '-03:00:00' -LicenseFault Silent -Driver '' -AgentRuns $false -DiskIsFull "
                + "$true -WhatIf").Printed);
        Assert.Matches(
            @"(?s)What if: Set-LabGuest on VM 101.*1\. set the guest's clock 03:00:00 behind the host's" +
            @".*2\. make licensing fail: Silent.*3\. remove the guest's driver.*4\. stop the guest agent.*5\. fill the "
            + @"guest's disk",
            printed);
    }

    [Fact]
    public void What_CUDA_has_in_a_guest_is_changed_and_a_guest_dies()
    {
        var printed = Assert.Single(Run(
            "Set-LabGuest 101 -CudaIsMissing $true -CudaTool nvbandwidth, bandwidthTest -ComputeInstanceIsMissing "
                + "$true -DiesAfter 00:00:05 -LicenseEndsAfter 00:01:00 -WhatIf").Printed);
        Assert.Matches(
            @"(?s)1\. let the guest's licence end after 00:01:00.*2\. remove the guest's libcuda\.so\.1.*"
                + @"3\. install nvbandwidth, bandwidthTest in the guest.*"
                + @"4\. remove the guest's compute instance.*5\. stop the guest's kernel after 00:00:05", printed);
        Run(Prepare + "; Set-LabGuest 101 -CudaTool @() -DiesAfter 01:00:00");
        Assert.Empty(Try("Get-VmVgpuDriver 101 | Get-GridLicense -FromGuest").ErrorIds);
        Assert.Equal(["GuestAgentNotRunning"], Try(
            "Set-LabGuest 101 -DiesAfter 0; Get-GridLicense 101 -FromGuest").ErrorIds);
        Assert.Equal("ParameterArgumentValidationError", RefusalId("Set-LabGuest 101 -CudaTool nosuch"));
    }

    [Theory]
    [InlineData("NoEntitlement")]
    [InlineData("PortBlocked")]
    [InlineData("NameUnknown")]
    public void Licensing_fails_and_works_again(string fault)
    {
        License();
        Run($"Set-LabGuest 101 -LicenseFault {fault}");
        Assert.Equal("LicenseNotAcquired", RefusalId("Set-GridLicense 101 -TokenPath $token"));
        Run("Set-LabGuest 101 -LicenseFault None");
        Assert.Equal(["Licensed"], Values("(Set-GridLicense 101 -TokenPath $token -PassThru).LicenseStatus"));
    }

    [Fact]
    public void A_disk_is_filled()
    {
        License();
        Run("Set-LabGuest 101 -DiskIsFull $true");
        Assert.Matches("No space left|is full", Refusal("Set-GridLicense 101 -TokenPath $token").ErrorDetails.Message);
        Run("Set-LabGuest 101 -DiskIsFull $false");
        Assert.Equal(["Licensed"], Values("(Set-GridLicense 101 -TokenPath $token -PassThru).LicenseStatus"));
    }

    [Fact]
    public void Guests_are_taken_from_the_pipeline_and_one_that_is_not_there_does_not_stop_the_next()
    {
        Run(Prepare + "; Get-VmVgpuDriver | Set-LabGuest -Driver ''");
        Assert.Equal(["Missing", "Missing"], Values("(Get-VmVgpuDriver).Verdict | ForEach-Object ToString"));
        Assert.Equal(["VmNotFound"], Try("Set-LabGuest 4711, build -Driver 580.105.08").ErrorIds);
        Assert.Equal(["SameBranch"], Values("(Get-VmVgpuDriver 102).Verdict | ForEach-Object ToString"));
    }

    [Fact]
    public void Objects_go_back_to_their_own_host_and_one_must_be_named_where_two_are_connected()
    {
        Run(Prepare + "; Connect-VgpuHost -Lab A30 -Name other");
        Assert.Equal("AmbiguousSession", RefusalId("Set-LabGuest 101 -Driver ''"));
        Run("Get-VmVgpuDriver 101 -Session lab | Set-LabGuest -Driver ''");
        Assert.Equal(["Missing"], Values("(Get-VmVgpuDriver 101 -Session lab).Verdict | ForEach-Object ToString"));
    }

    [Fact]
    public void A_host_that_is_not_prepared_yet_is_changed_too()
    {
        Lab(options: "-Bare");
        Run("Set-LabGuest 101 -Driver ''");
    }

    [Fact]
    public void A_fault_that_there_is_none_is_no_value_of_a_parameter() =>
        Assert.Equal("CannotConvertArgumentNoMessage", RefusalId("Set-LabGuest 101 -LicenseFault Bogus"));

    private void License() => Run(Prepare + $"; $token = '{PathOf("lab.tok")}'; New-LabToken $token");
}
