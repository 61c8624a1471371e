using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class SetVmVgpuCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Set-VmVgpu 101", "NothingToChange", ErrorCategory.InvalidArgument },
        { "Set-VmVgpu 102 -Type A30-12C", "EntryNotFound", ErrorCategory.ObjectNotFound },
        { "Set-VmVgpu 101 hostpci7 -Type A30-12C", "EntryNotFound", ErrorCategory.ObjectNotFound },
        { "Set-VmVgpu 101 -Type A100-1-5C", "VgpuTypeNotFound", ErrorCategory.ObjectNotFound },
        { "Set-VmVgpu 4711 -Type A30-12C", "VmNotFound", ErrorCategory.ObjectNotFound },
        { "Set-VmVgpu 101 -Parameter @{enable_uwm=1}", "InvalidVgpuParameter", ErrorCategory.InvalidArgument },
        { "Set-VmVgpu 101 -Parameter @{enable_uvm=1}", "InvalidVgpuParameter", ErrorCategory.InvalidArgument },
        { "Set-VmVgpu 101 -Parameter @{disable_vnc=2}", "InvalidVgpuParameter", ErrorCategory.InvalidArgument },
        { "Set-VmVgpu 101 -Parameter @{disable_vnc='yes'}", "InvalidVgpuParameter", ErrorCategory.InvalidArgument },
        { "Set-VmVgpu 101 -Type A30-24C -Parameter @{enable_profiling=1}", "InvalidVgpuParameter",
            ErrorCategory.InvalidArgument },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Set-VmVgpu -VmId we", "101" },
        { "Set-VmVgpu 101 host", "hostpci0" },
        { "Set-VmVgpu 101 -Type A30-12", "A30-12C" },
        { "Set-VmVgpu 101 -Parameter ", "@{'enable_uvm'=1}" },
    };

    protected override string Prepare => "Add-VmVgpu 101 A30-6C";

    protected override string Line => "Set-VmVgpu 101 -Type A30-12C";

    protected override string Plan => @"set hostpci0 of VM 101 \(web\) to 0000:4b:00.4,mdev=nvidia-687";

    protected override bool IsIdempotent => true;

    [Fact]
    public void What_is_given_changes_through_the_pipeline_too()
    {
        Run(Prepare);
        Assert.Equal("A30-12C", One<VmVgpuInfo>("Get-VmVgpu web | Set-VmVgpu -Type A30-12C -PassThru").VgpuType);
        Assert.True(One<VmVgpuInfo>("Set-VmVgpu 101 hostpci0 -PrimaryGpu -PassThru").PrimaryGpu);
        Assert.False(One<VmVgpuInfo>("Set-VmVgpu 101 -PrimaryGpu:$false -PassThru").PrimaryGpu);
        Assert.False(One<VmVgpuInfo>("Set-VmVgpu 101 -PciExpress:$false -PassThru").PciExpress);
    }

    [Fact]
    public void Parameters_are_added_and_taken_away_by_name()
    {
        Run(Prepare + "; Set-VmVgpu 101 -Parameter @{disable_vnc=1; Enable_Debugging=$true}");
        Assert.Equal("enable_debugging=1,disable_vnc=1", One<VmVgpuInfo>("Get-VmVgpu 101").Parameters);
        Assert.Equal("disable_vnc=1", One<VmVgpuInfo>(
            "Set-VmVgpu 101 -Parameter ([ordered]@{enable_debugging=$null}) -PassThru").Parameters);
        Assert.Equal("disable_vnc=0", One<VmVgpuInfo>(
            "Set-VmVgpu 101 -Parameter @{disable_vnc='0'} -PassThru").Parameters);
        Assert.Null(One<VmVgpuInfo>("Set-VmVgpu 101 -Parameter $null -PassThru").Parameters);
        Run("Set-VmVgpu 101 -Parameter @{disable_vnc=1}; Set-VmVgpu 101 -Parameter @{}");
        Assert.Null(One<VmVgpuInfo>("Get-VmVgpu 101").Parameters);
        Run("Set-VmVgpu 101 -Parameter @{disable_vnc=1}; Remove-VmVgpu 101 -Confirm:$false; " + Prepare);
        Assert.Null(One<VmVgpuInfo>("Get-VmVgpu 101").Parameters);
    }

    [Fact]
    public void What_parameters_cost_stands_in_the_plan()
    {
        Run(Prepare);
        var plan = string.Join('\n', Run("Set-VmVgpu 101 -Type A30-24C -Parameter @{enable_uvm=1} -WhatIf").Steps);
        Assert.Contains(
            "set plugin parameters of hostpci0 of VM 101 (web) in /etc/vgpups/config.json to enable_uvm=1, before: "
                + "none", plan, StringComparison.Ordinal);
        Assert.Contains(
            "with enable_uvm it can neither be migrated live nor suspended", plan, StringComparison.Ordinal);
        Assert.Null(One<VmVgpuInfo>("Get-VmVgpu 101").Parameters);
    }

    [Fact]
    public void A_type_that_does_not_allow_what_is_configured_is_refused()
    {
        Run(Prepare + "; Set-VmVgpu 101 -Type A30-24C -Parameter @{enable_uvm=1}");
        Assert.Equal("InvalidVgpuParameter", RefusalId("Set-VmVgpu 101 -Type A30-6C"));
        Run("Set-VmVgpu 101 -Type A30-6C -Parameter @{enable_uvm=$null}");
        Assert.Equal("A30-6C", One<VmVgpuInfo>("Get-VmVgpu 101").VgpuType);
    }

    [Fact]
    public void A_running_VM_has_what_it_has_started_with()
    {
        Run(Prepare + "; Set-VmVgpu 101 -Parameter @{disable_vnc=1}; Start-LabVm 101");
        var vgpu = One<VmVgpuInfo>("Set-VmVgpu 101 -Parameter @{frame_rate_limiter=0} -PassThru");
        Assert.Equal(
            ("frame_rate_limiter=0,disable_vnc=1", "disable_vnc=1"), (vgpu.Parameters, vgpu.ActiveParameters));
        Run("Stop-LabVm 101");
        Assert.Null(One<VmVgpuInfo>("Get-VmVgpu 101").ActiveParameters);
    }

    [Fact]
    public void The_change_of_a_running_VM_is_pending()
    {
        Run(Prepare + "; Start-LabVm 101; Set-VmVgpu 101 -Type A30-12C");
        Assert.Equal(["removing", "pending"], Values("(Get-VmVgpu 101).State"));
        Assert.Equal("A30-24C", One<VmVgpuInfo>("Set-VmVgpu 101 -Type A30-24C -PassThru").VgpuType);
    }

    [Fact]
    public void Each_VM_that_is_piped_in_changes()
    {
        Run(Prepare + "; Add-VmVgpu 102 -Memory 6GB");
        Assert.Equal([101, 102], Values("(Get-VmVgpu | Set-VmVgpu -Type A30-8C -PassThru).VmId"));
    }
}
