using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class GetVgpuMappingCommandTests : ReadingCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Get-VgpuMapping nothing", "MappingNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Get-VgpuMapping g", "gpu" },
    };

    protected override string Prepare => "Enable-Sriov 0; $null = New-VgpuMapping gpu -Gpu 0";
}

public sealed class TestVgpuMappingCommandTests : PipedCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Test-VgpuMapping nothing", "MappingNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Test-VgpuMapping g", "gpu" } };

    protected override string Prepare => "Enable-Sriov 0; $null = New-VgpuMapping gpu -Gpu 0";

    protected override string Back => "Test-VgpuMapping";

    [Fact]
    public void What_is_gone_is_said_and_a_mapping_that_only_a_VM_names()
    {
        Run(Prepare + "; Add-VmVgpu 101 A30-6C -Mapping gpu; Disable-Sriov 0 -Confirm:$false");
        var wrong = One<VgpuMappingTestInfo>("Test-VgpuMapping | Where-Object -Not Passed");
        Assert.Equal("Hardware", wrong.Check);
        Assert.StartsWith(
            "16 functions (0000:4b:00.4 to 0000:4b:02.3) do not exist", wrong.Detail, StringComparison.Ordinal);
        Assert.StartsWith("enable its functions", wrong.RecommendedAction, StringComparison.Ordinal);
        Run("Remove-VgpuMapping gpu -Confirm:$false");
        Assert.Equal(["Exists"], Values("(Test-VgpuMapping | Where-Object -Not Passed).Check"));
        Assert.Equal([false], Values("Test-VgpuMapping -Quiet"));
    }
}

public sealed class NewVgpuMappingCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "New-VgpuMapping 1x -Gpu 0", "InvalidMappingName", ErrorCategory.InvalidArgument },
        { "New-VgpuMapping 'a;b' -Gpu 0", "InvalidMappingName", ErrorCategory.InvalidArgument },
        { "New-VgpuMapping ../x -Gpu 0", "InvalidMappingName", ErrorCategory.InvalidArgument },
        { "New-VgpuMapping gpu -Gpu 7", "DeviceNotFound", ErrorCategory.ObjectNotFound },
        { "New-VgpuMapping gpu -Type A40-1B", "VgpuTypeNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "New-VgpuMapping gpu -Type A30-6", "A30-6C" } };

    protected override string Prepare => "Enable-Sriov 0,1";

    protected override string Line => "New-VgpuMapping gpu -Gpu 0";

    protected override string Plan =>
        @"create mapping gpu of 16 functions \(0000:4b:00.4 to 0000:4b:02.3\) of node pve1";

    [Fact]
    public void Without_functions_there_is_nothing_to_map() =>
        AssertRefused(Line, "SriovNotReady", ErrorCategory.NotEnabled, "pve1", "Enable-Sriov 0000:4b:00.0");

    [Fact]
    public void A_type_and_piped_GPUs_say_which_functions_and_a_name_is_taken_once()
    {
        Run(Prepare);
        Assert.Equal(32, One<VgpuMappingInfo>("New-VgpuMapping both -Type A30-6C").FunctionAddress.Count);
        Assert.Equal(
            ["0000:4b:00.0", "0000:ca:00.0"],
            One<VgpuMappingInfo>("Get-Gpu | New-VgpuMapping piped -Description 'all of them'").GpuAddress);
        AssertRefused(
            "New-VgpuMapping both -Gpu 0", "MappingExists", ErrorCategory.InvalidArgument,
            action: "Sync-VgpuMapping both");
    }

    [Fact]
    public void A_function_that_a_VM_names_is_left_out_and_the_next_VM_starts_from_the_mapping()
    {
        Run("Enable-Sriov 0; Add-VmVgpu 101 A30-6C");
        var printed = string.Join('\n', Run(Line + " -WhatIf").Printed);
        Assert.Contains("leave out 0000:4b:00.4: hostpci0 of VM 101 (web) names it", printed, StringComparison.Ordinal);
        Assert.Equal(15, One<VgpuMappingInfo>(Line).FunctionAddress.Count);
        Run("Add-VmVgpu 102 A30-6C -Mapping gpu; Start-LabVm 102; Start-LabVm 101");
        Assert.Equal([102], Values("(Get-VgpuMapping).UsedBy"));
    }
}

public sealed class SyncVgpuMappingCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Sync-VgpuMapping nothing", "MappingNotFound", ErrorCategory.ObjectNotFound },
        { "Sync-VgpuMapping gpu -Gpu 7", "DeviceNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Sync-VgpuMapping g", "gpu" } };

    protected override string Prepare => "Enable-Sriov 0,1; $null = New-VgpuMapping gpu -Gpu 0";

    protected override string Line => "Sync-VgpuMapping gpu -Gpu 1";

    protected override string Plan => @"add 16 functions \(0000:ca:00.4 to 0000:ca:02.3\) of node pve1 to mapping gpu";

    protected override bool IsIdempotent => true;

    [Fact]
    public void Functions_that_are_gone_lose_their_entries_and_the_last_ones_stay()
    {
        Run(Prepare + "; Sync-VgpuMapping gpu -Gpu 1; Disable-Sriov 1 -Confirm:$false; Sync-VgpuMapping gpu");
        Assert.Equal(["0000:4b:00.0"], One<VgpuMappingInfo>("Get-VgpuMapping").GpuAddress);
        Run("Disable-Sriov 0 -Confirm:$false");
        AssertRefused(
            "Sync-VgpuMapping gpu", "SriovNotReady", ErrorCategory.NotEnabled, "would have no entry left",
            "Enable-Sriov");
    }
}

public sealed class RemoveVgpuMappingCommandTests : ChangingCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Remove-VgpuMapping nothing -Confirm:$false", "MappingNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Remove-VgpuMapping g", "gpu" } };

    protected override string Prepare => "Enable-Sriov 0,1; $null = New-VgpuMapping gpu -Gpu 0";

    protected override string Line => "Remove-VgpuMapping gpu";

    protected override string Plan => @"remove mapping gpu \(16 entries of pve1\)";

    protected override bool IsHigh => true;

    [Fact]
    public void Nodes_of_one_cluster_need_no_session_and_those_of_two_do()
    {
        Run("""
            Disconnect-VgpuHost lab
            Connect-VgpuHost -Lab A30 -Cluster one; Connect-VgpuHost -Lab A30 -Cluster one
            Enable-Sriov 0 -Session pve1,pve2
            New-VgpuMapping gpu -Gpu 0 -Session pve1,pve2; New-VgpuMapping kept -Gpu 0 -Session pve1
            Remove-VgpuMapping gpu -Confirm:$false
            """);
        Assert.Equal(["kept"], Values("(Get-VgpuMapping).Mapping | Sort-Object -Unique"));
        Run("Connect-VgpuHost -Lab A30 -Name other");
        AssertRefused(
            "Remove-VgpuMapping kept -Confirm:$false", "AmbiguousSession", ErrorCategory.InvalidArgument,
            action: "-Session");
    }

    [Fact]
    public void It_names_the_VMs_that_need_it_and_is_refused_while_one_runs()
    {
        Run(Prepare + "; Add-VmVgpu 101 A30-6C -Mapping gpu");
        Assert.Contains(
            "the next start of VM 101 (web) of node pve1 fails: its hostpci0 names mapping gpu",
            string.Join('\n', Run("Remove-VgpuMapping gpu -WhatIf").Printed), StringComparison.Ordinal);
        Run("Start-LabVm 101");
        AssertRefused(
            "Remove-VgpuMapping gpu -Confirm:$false", "MappingInUse", ErrorCategory.ResourceBusy, "VM 101 (web)",
            "Stop-VgpuVm 101");
    }
}
