using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class GetVgpuVmCommandTests : PipedCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Get-VgpuVm 4711", "VmNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Get-VgpuVm we", "101" } };

    protected override string Prepare => "Enable-Sriov 0; Add-VmVgpu 101,102 A30-6C; Start-VgpuVm 101";

    [Fact]
    public void A_VM_that_runs_says_where_its_vGPU_is_and_one_that_does_not_what_it_will_have()
    {
        Run(Prepare + "; Set-VmVgpuAffinity 102");
        var running = One<VgpuVmInfo>("Get-VgpuVm web");
        Assert.Equal(("running", "pve1", true), (running.Status, running.Node, running.HasHook));
        Assert.Equal(["A30-6C"], running.Vgpu);
        Assert.Equal(Values("(Get-Vgpu -VmId 101).FunctionAddress"), running.VgpuFunction);
        var stopped = One<VgpuVmInfo>("Get-VgpuVm build");
        Assert.Equal("stopped", stopped.Status);
        Assert.Empty(stopped.VgpuFunction);
        Assert.Equal(One<string>("(Get-VmVgpuAffinity 102).Affinity"), stopped.Affinity);
        Assert.Equal("template", One<VgpuVmInfo>("Get-VgpuVm 900").Status);
    }

    [Theory]
    [InlineData("Get-VgpuVm 10*,web", new[] { 101, 102, 103, 104 })]
    [InlineData("Get-VmVgpuAffinity *02", new[] { 102 })]
    [InlineData("Get-VmVgpu 10[12]", new[] { 101, 102 })]
    [InlineData("Get-VgpuHook 10[12]", new[] { 101, 102 })]
    [InlineData("Test-VmVgpu 1?2", new[] { 102 })]
    [InlineData("Stop-VgpuVm 10[1] -PassThru", new[] { 101 })]
    [InlineData("Start-LabVm 10[2] -PassThru", new[] { 102 })]
    public void Numbers_are_matched_by_wildcards_as_names_are(string line, int[] vms)
    {
        Run(Prepare);
        Assert.Equal(vms.Cast<object?>(), Values($"({line}).VmId | Sort-Object -Unique"));
    }

    [Fact]
    public void What_it_writes_is_started_and_stopped()
    {
        Run(Prepare + "; Get-VgpuVm | Where-Object Vgpu | Start-VgpuVm; Get-VgpuVm we* | Stop-VgpuVm");
        Assert.Equal([102], Values("(Get-VgpuVm | Where-Object Status -eq running).VmId"));
    }
}
