using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class EnableSriovCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Enable-Sriov 9", "DeviceNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Enable-Sriov 0000:4b", "0000:4b:00.0" } };

    protected override string Line => "Enable-Sriov 0";

    protected override string Plan => "enable 16 virtual functions, GPU 0000:4b:00.0";

    protected override bool IsIdempotent => true;

    [Fact]
    public void All_functions_of_each_GPU_are_enabled_through_the_pipeline_too()
    {
        Assert.Equal(16, One<GpuInfo>("Enable-Sriov 0 -PassThru").EnabledFunctions);
        Run("Get-Gpu | Enable-Sriov");
        Assert.Equal(32, Values("Get-SriovFunction -Free").Length);
    }

    [Fact]
    public void No_more_is_done_when_nobody_wants_more()
    {
        Assert.Equal(0, One<int>("(Enable-Sriov 0, 1 -PassThru | Select-Object -First 1).GpuIndex"));
        Assert.Equal(0, One<GpuInfo>("Get-Gpu 1").EnabledFunctions);
    }

    [Fact]
    public void A_GPU_without_functions_is_refused()
    {
        Lab("T4");
        Assert.Equal("SriovNotSupported", RefusalId("Enable-Sriov 0"));
    }

    [Fact]
    public void What_it_would_destroy_is_named_and_Force_goes_on_after_asking()
    {
        Run("Enable-MigMode 0 -Reset; New-MigInstance 0 -Profile 1g.6gb");
        var failure = Refusal("Enable-Sriov 0");
        Assert.StartsWith("WouldDestroy,", failure.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("1g.6gb", failure.ErrorDetails.Message, StringComparison.Ordinal);
        Assert.Equal("ConfirmationRequired", RefusalId("Enable-Sriov 0 -Force"));
        Assert.Equal("1g.6gb", One<string>("(Get-MigInstance).Profile"));
        Answer("n");
        Assert.Contains("1g.6gb", Assert.Single(Run("Enable-Sriov 0 -Force").Questions), StringComparison.Ordinal);
        Assert.Single(Values("Get-MigInstance"));
        Run("Enable-Sriov 0 -Force -Confirm:$false");
        Assert.Empty(Values("Get-MigInstance"));
    }

    [Fact]
    public void One_that_is_not_there_does_not_stop_the_next()
    {
        Assert.Equal(["DeviceNotFound"], Try("Enable-Sriov 9, 1").ErrorIds);
        Assert.Equal(16, One<GpuInfo>("Get-Gpu 1").EnabledFunctions);
    }

    [Fact]
    public void Where_several_hosts_are_connected_one_must_be_named_or_piped_in()
    {
        Run("Connect-VgpuHost -Lab A30 -Name other");
        Assert.Equal("AmbiguousSession", RefusalId("Enable-Sriov 0"));
        Run("Get-Gpu 0 -Session other | Enable-Sriov");
        Assert.Equal([0, 16], Values("(Get-Gpu 0 | Sort-Object VgpuHost).EnabledFunctions"));
        Run("Get-Gpu 0 | Enable-Sriov");
        Assert.Equal([16, 16], Values("(Get-Gpu 0).EnabledFunctions"));
    }
}
