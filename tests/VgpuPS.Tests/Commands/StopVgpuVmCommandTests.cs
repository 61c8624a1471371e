using System.Management.Automation;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Proxmox;
using VgpuPS.Host.Seams;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class StopVgpuVmCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Stop-VgpuVm 4711", "VmNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Stop-VgpuVm we", "101" } };

    protected override string Prepare => "Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Start-VgpuVm 101";

    protected override string Line => "Stop-VgpuVm 101";

    protected override string Plan => @"shut down VM 101 \(web\)";

    protected override bool IsIdempotent => true;

    [Theory]
    [InlineData("")]
    [InlineData(" -Force")]
    public void What_the_hook_made_is_released(string how)
    {
        Run("Enable-MigMode 0 -Reset; Enable-Sriov 0; Add-VmVgpu 101 -Type A30-2-12C; Start-VgpuVm 101");
        Assert.Equal("stopped", One<VgpuVmInfo>(Line + how + " -PassThru").Status);
        Assert.Empty(Values("Get-MigInstance"));
        Assert.Empty(Values("Get-VgpuClaim"));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    public void A_time_that_is_none_is_refused(string seconds) => Assert.Equal(
        "ParameterArgumentValidationError", RefusalId($"Stop-VgpuVm 101 -TimeoutSeconds {seconds}"));

    [Fact]
    public async Task A_guest_that_does_not_shut_down_in_time_is_told_with_what_to_do()
    {
        var host = (await OpenLabAsync()).Host;
        Run(Prepare);
        host.Processes.Programs[QmConfigWriter.Tool] = request =>
        {
            Assert.Equal(["shutdown", "101", "--timeout", "45"], request.Arguments);
            return new ProcessResult(255, null, false, 0, "", "VM quit/powerdown failed - got timeout\n");
        };
        var failure = Refusal(Line + " -TimeoutSeconds 45");
        Assert.Equal(ErrorCategory.OperationTimeout, failure.CategoryInfo.Category);
        Assert.Contains("within 45 s; it still runs", failure.ErrorDetails.Message, StringComparison.Ordinal);
        Assert.Contains("Stop-VgpuVm 101 -Force", failure.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        host.Processes.Programs[QmConfigWriter.Tool] = _ =>
            new ProcessResult(255, null, false, 0, "", "VM is paused - cannot shutdown\n");
        Assert.StartsWith("VmStopFailed,", Refusal(Line).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_VM_that_HA_manages_is_stopped_by_HA()
    {
        var host = (await OpenLabAsync()).Host;
        Run(Prepare);
        host.Put("/etc/pve/ha/resources.cfg", "vm: 101\n\tstate started\n\n");
        Assert.Contains("by HA", string.Join('\n', Run(Line + " -WhatIf").Printed), StringComparison.Ordinal);
        Assert.Equal("stopped", One<VgpuVmInfo>(Line + " -PassThru").Status);
    }
}
