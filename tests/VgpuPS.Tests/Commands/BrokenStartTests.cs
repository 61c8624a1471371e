using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

/// <summary>A change of a GPU that makes the next start of a stopped VM fail names the VM, and asks.</summary>
public sealed class BrokenStartTests : EngineTests
{
    public static TheoryData<string, string, string> Changes => new()
    {
        {
            "Enable-Sriov 0, 1; Add-VmVgpu 103 -Memory 8GB", "Enable-MigMode 0 -Reset",
            "the next start of VM 103 (render) fails: hostpci0 is A30-8C, which is time-sliced, "
                + "and MIG mode of GPU 0 is on then"
        },
        {
            "Enable-MigMode 0 -Reset; Enable-Sriov 0; Add-VmVgpu 101 A30-2-12C", "Disable-MigMode 0 -Force",
            "the next start of VM 101 (web) fails: hostpci0 is A30-2-12C, which is MIG-backed, "
                + "and MIG mode of GPU 0 is off then"
        },
        {
            "Enable-Sriov 0; Add-VmVgpu 101 A30-6C -NoHook", "Disable-Sriov 0",
            "the next start of VM 101 (web) fails: hostpci0 is on function 0000:4b:00.4, which is not there then"
        },
        {
            "Enable-Sriov 0; Enable-VgpuMixedSize 0; Add-VmVgpu 101 A30-6C -Function 0000:4b:00.4; "
                + "Add-VmVgpu 102 A30-12C -Function 0000:4b:00.5", "Disable-VgpuMixedSize 0",
            "the next start of VM 101 (web) fails: hostpci0 is A30-6C, "
                + "which then cannot be beside vGPUs of other sizes on GPU 0"
        },
        {
            "Export-VgpuLayout -Path off.json; Enable-MigMode 0 -Reset; Enable-Sriov 0; Add-VmVgpu 101 A30-2-12C",
            "Sync-VgpuLayout off.json -Force",
            "the next start of VM 101 (web) fails: hostpci0 is A30-2-12C, which is MIG-backed"
        },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void It_is_in_the_plan_and_asked_about(string prepare, string line, string broken)
    {
        Run($"Set-Location '{Path.GetDirectoryName(PathOf("t"))}'; {prepare}");
        var before = State();
        var plan = string.Join('\n', Run($"{line} -WhatIf").Printed);
        Assert.True(plan.Contains($"afterwards: {broken}", StringComparison.Ordinal), plan);
        Assert.Equal("ConfirmationRequired", RefusalId(line));
        Answer("n");
        Assert.NotEmpty(Run(line).Questions);
        Assert.Equal(before, State());
        Run($"{line} -Confirm:$false");
        Assert.NotEqual(before, State());
    }

    [Theory]
    [InlineData("Add-VmVgpu 101 A30-6C", "Disable-Sriov 0")]
    [InlineData("Add-VmVgpu 101 A30-6C -Function 0000:ca:00.4", "Enable-MigMode 0 -Reset")]
    [InlineData("Add-VmVgpu 101 A30-2-12C -NoHook", "Enable-MigMode 0 -Reset")]
    [InlineData("Enable-VgpuMixedSize 0; Add-VmVgpu 101 A30-6C", "Disable-VgpuMixedSize 0")]
    public void A_start_that_goes_on_or_did_not_before_is_not(string prepare, string line)
    {
        Run($"Enable-Sriov 0, 1; {prepare}");
        Assert.DoesNotContain(
            "afterwards:", string.Join('\n', Run($"{line} -WhatIf").Printed), StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_said_is_so()
    {
        Run("Enable-Sriov 0, 1; Add-VmVgpu 103 -Memory 8GB; Enable-MigMode 0, 1 -Reset -Confirm:$false");
        Assert.NotEmpty(Try("Start-LabVm 103").Errors);
    }

    [Fact]
    public void A_comparison_names_all_GPUs_and_what_would_fail()
    {
        var path = PathOf("layout.json");
        Run($"Export-VgpuLayout -Path '{path}'");
        var same = One<LayoutComparisonInfo>($"Compare-VgpuLayout '{path}'");
        Assert.Equal("GPU 0 (NVIDIA A30, 0000:4b:00.0), GPU 1 (NVIDIA A30, 0000:ca:00.0)", same.Target);
        Run("Enable-Sriov 1; Add-VmVgpu 101 A30-6C -NoHook");
        var other = One<LayoutComparisonInfo>($"Test-VgpuLayout '{path}'");
        Assert.Equal(same.Target, other.Target);
        Assert.Contains(other.Losses, l => l.Contains("next start of VM 101", StringComparison.Ordinal));
    }
}
