using System.Management.Automation;
using Xunit;

namespace VgpuPS.Tests.Commands;

/// <summary>VMs that one line names are found on the nodes that have them.</summary>
[Trait("Duration", "Long")]
public sealed class VmsOfSeveralHostsTests : EngineTests
{
    private const string Prepare =
        "$null = New-VgpuMapping gpu -Gpu 0 -Session pve1,pve2; Add-VmVgpu 101,201 A30-6C -Mapping gpu";

    [Theory]
    [InlineData("Start-VgpuVm 101,201")]
    [InlineData("Start-VgpuVm web,WEB2 -Session *")]
    [InlineData("Get-VgpuVm | Where-Object Vgpu | Start-VgpuVm")]
    public async Task One_line_starts_and_stops_VMs_of_two_nodes(string start)
    {
        await LabClusters.OpenSessionsAsync();
        Run(Prepare);
        Run(start);
        Assert.Equal(
            [101, 201], Values("Get-VgpuVm | Where-Object { $_.Vgpu -and $_.Status -eq 'running' } | % VmId"));
        Run("Stop-VgpuVm 101,201");
        Assert.Empty(Values("Get-VgpuVm | Where-Object Status -eq running"));
    }

    [Fact]
    public async Task Each_node_plans_its_own_and_nothing_is_done_by_WhatIf()
    {
        await LabClusters.OpenSessionsAsync();
        Run(Prepare);
        var plan = string.Join('\n', Run("Start-VgpuVm web*,201 -Session pve1,pve2 -WhatIf").Printed);
        Assert.Equal(2, plan.Split("What if: Start-VgpuVm on VM ").Length - 1);
        Assert.Empty(Values("Get-VgpuVm | Where-Object Status -eq running"));
        Assert.Equal([101, 201], Values("(Set-VmVgpuAffinity 101,201 -PassThru 3>$null).VmId"));
        Assert.Equal([101, 201], Values("Test-VgpuHook 101,201 | Where-Object VmId | % VmId | Get-Unique"));
    }

    [Fact]
    public async Task A_VM_that_no_node_has_is_reported_and_the_others_start()
    {
        await LabClusters.OpenSessionsAsync();
        Run(Prepare);
        var failed = Assert.Single(Try("Start-VgpuVm 101,999,201,nobody").Errors);
        Assert.StartsWith("VmNotFound,", failed.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("no connected host has VM 999, nobody", failed.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(2, Values("Get-VgpuVm | Where-Object Status -eq running").Length);
        AssertRefused(
            "Stop-VgpuVm 999 -Session pve1,pve2", "VmNotFound", ErrorCategory.ObjectNotFound,
            "named host has VM 999", "Get-VgpuVm");
    }

    [Fact]
    public async Task A_node_that_is_down_keeps_no_other_from_its_VMs()
    {
        var lab = await LabClusters.OpenSessionsAsync();
        Run(Prepare);
        lab[2].StopNode();
        Assert.All(Try("Start-VgpuVm 101,201").Errors, e => Assert.StartsWith(
            "HostUnreachable,", e.FullyQualifiedErrorId, StringComparison.Ordinal));
        Assert.Equal([101, 201], Values("Get-VgpuVm -Session pve1,pve2 | Where-Object Status -eq running | % VmId"));
        Assert.Contains(Try("Start-VgpuVm 101,301").Errors, e => e.Exception.Message.Contains(
            "no connected host that answers has VM 301", StringComparison.Ordinal));
    }
}
