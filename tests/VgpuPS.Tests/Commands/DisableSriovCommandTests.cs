using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class DisableSriovCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Disable-Sriov 9", "DeviceNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Disable-Sriov 0000:4b", "0000:4b:00.0" } };

    protected override string Prepare => "Enable-Sriov 0";

    protected override string Line => "Disable-Sriov 0";

    protected override string Plan => "disable (the |all )?16 virtual functions";

    protected override bool IsHigh => true;

    protected override bool IsIdempotent => true;

    [Fact]
    public void Functions_are_off_afterwards() =>
        Assert.Equal(0, One<GpuInfo>("Enable-Sriov 0; Disable-Sriov 0 -Confirm:$false -PassThru").EnabledFunctions);

    [Fact]
    public void GPU_instances_that_would_go_are_named_and_Force_goes_on()
    {
        Run("Enable-MigMode 0 -Reset; Enable-Sriov 0; New-MigInstance 0 -Profile 2g.12gb");
        var before = State();
        AssertRefused("Disable-Sriov 0 -Confirm:$false", "WouldDestroy", ErrorCategory.ResourceBusy, "2g.12gb");
        Assert.Equal(before, State());
        Run("Disable-Sriov 0 -Force -Confirm:$false");
        Assert.Empty(Values("Get-MigInstance"));
    }

    [Fact]
    public void Functions_stay_on_under_a_running_VM_even_with_Force()
    {
        Run("Enable-Sriov 0; Add-VmVgpu 101 -Type A30-6C; Start-LabVm 101");
        var failure = Refusal("Disable-Sriov 0 -Force -Confirm:$false");
        Assert.Equal(ErrorCategory.ResourceBusy, failure.CategoryInfo.Category);
        Assert.Contains("101", failure.ErrorDetails.Message, StringComparison.Ordinal);
        Assert.Equal(16, One<int>("(Get-Gpu 0).EnabledFunctions"));
    }

    [Fact]
    public void A_GPU_goes_back_to_its_own_host()
    {
        Run("Connect-VgpuHost -Lab A30 -Name other; Get-Gpu 0 | Enable-Sriov");
        Run("Get-Gpu 0 -Session other | Disable-Sriov -Confirm:$false");
        Assert.Equal([16, 0], Values("(Get-Gpu 0 | Sort-Object VgpuHost).EnabledFunctions"));
    }
}
