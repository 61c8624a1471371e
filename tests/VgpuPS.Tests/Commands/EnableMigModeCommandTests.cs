using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class EnableMigModeCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Enable-MigMode 9", "DeviceNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Enable-MigMode 0000:4b", "0000:4b:00.0" } };

    protected override string Line => "Enable-MigMode 0 -Reset";

    protected override string Plan => "enable MIG mode, with a GPU reset if required";

    protected override bool IsIdempotent => true;

    [Fact]
    public void A_GPU_without_MIG_is_refused()
    {
        Lab("L40S");
        AssertRefused("Enable-MigMode 0", "MigNotSupported", ErrorCategory.NotEnabled);
    }

    [Fact]
    public void An_idle_GPU_is_switched_and_no_other()
    {
        Assert.True(One<GpuInfo>("Enable-MigMode 0 -Reset -PassThru").MigCurrent);
        Assert.False(One<bool>("(Get-Gpu 1).MigCurrent"));
    }

    [Fact]
    public void A_newer_GPU_needs_no_reset()
    {
        Lab("H100-PCIe");
        Run("Enable-MigMode 0");
        Assert.True(One<bool>("(Get-Gpu 0).MigCurrent"));
    }

    [Fact]
    public void Functions_that_are_on_stay_on()
    {
        Run("Enable-Sriov 0; Enable-MigMode 0 -Reset");
        var gpu = One<GpuInfo>("Get-Gpu 0");
        Assert.True(gpu.MigCurrent);
        Assert.Equal(16, gpu.EnabledFunctions);
    }

    [Fact]
    public void A_GPU_that_a_VM_uses_is_refused()
    {
        Run("Enable-Sriov 0; Add-VmVgpu 101 -Type A30-6C; Start-LabVm 101");
        var failure = Refusal("Enable-MigMode 0 -Reset");
        Assert.Equal(ErrorCategory.ResourceBusy, failure.CategoryInfo.Category);
        Assert.Contains("VM 101", failure.ErrorDetails.Message, StringComparison.Ordinal);
        Assert.False(One<bool>("(Get-Gpu 0).MigPending"));
    }

    [Fact]
    public void GPUs_are_taken_from_the_pipeline()
    {
        Run("Get-Gpu | Enable-MigMode -Reset");
        Assert.Equal([true, true], Values("(Get-Gpu).MigCurrent"));
    }
}
