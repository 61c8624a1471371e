using System.Management.Automation;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Proxmox;
using VgpuPS.Host.Seams;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class StartVgpuVmCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Start-VgpuVm 4711", "VmNotFound", ErrorCategory.ObjectNotFound },
        { "Start-VgpuVm nobody", "VmNotFound", ErrorCategory.ObjectNotFound },
        { "Start-VgpuVm 900", "VmIsTemplate", ErrorCategory.InvalidArgument },
    };

    public static TheoryData<string, string> Typed => new() { { "Start-VgpuVm we", "101" } };

    protected override string Prepare => "Enable-Sriov 0; Add-VmVgpu 101 A30-6C";

    protected override string Line => "Start-VgpuVm 101";

    protected override string Plan => @"(?s)create A30-6C.*start VM 101 \(web\)";

    protected override bool IsIdempotent => true;

    private const string Mig = "Enable-MigMode 0 -Reset; Enable-Sriov 0; Add-VmVgpu 101,102 -Type A30-2-12C";

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    public void A_time_that_is_none_is_refused(string seconds) => Assert.Equal(
        "ParameterArgumentValidationError", RefusalId($"Start-VgpuVm 101 -TimeoutSeconds {seconds}"));

    [Theory]
    [InlineData("Start-VgpuVm *")]
    [InlineData("Start-VgpuVm 9*")]
    [InlineData("Stop-VgpuVm *")]
    [InlineData("Add-VmVgpu * A30-6C")]
    [InlineData("Set-VmVgpu * -Type A30-12C")]
    [InlineData("Set-VmVgpuAffinity *")]
    [InlineData("Test-VmVgpu *")]
    [InlineData("Start-LabVm *")]
    public void A_template_that_a_wildcard_means_is_left_out(string line)
    {
        Run(Prepare);
        var result = Try(line);
        Assert.DoesNotContain(result.Errors, e => e.ToString().Contains("900", StringComparison.Ordinal));
        Assert.DoesNotContain(result.Output, o => o.Properties["VmId"]?.Value is 900);
    }

    [Fact]
    public void Commands_that_change_templates_mean_them_with_wildcards_too()
    {
        Run("Register-VgpuHook 9*");
        Assert.True(One<VgpuHookInfo>("Get-VgpuHook 900").IsRegistered);
    }

    [Fact]
    public void The_hook_runs_and_the_VM_says_where_its_vGPU_is()
    {
        Run(Mig);
        var vm = One<VgpuVmInfo>("Start-VgpuVm 101 -PassThru");
        Assert.Equal("running", vm.Status);
        Assert.Equal(Values("(Get-Vgpu -VmId 101).FunctionAddress"), vm.VgpuFunction);
        Assert.True(One<MigInstanceInfo>("Get-MigInstance").IsMadeByHook);
    }

    [Fact]
    public void Several_starts_are_planned_on_top_of_each_other()
    {
        Run(Mig);
        var printed = string.Join('\n', Run("Start-VgpuVm 101,102 -WhatIf").Printed);
        Assert.Contains("create GPU instance 2g.12gb with its compute instance at 0:2", printed,
            StringComparison.Ordinal);
        Assert.Contains("create GPU instance 2g.12gb with its compute instance at 2:2", printed,
            StringComparison.Ordinal);
        Assert.Contains("function 0000:4b:00.5", printed, StringComparison.Ordinal);
        Assert.DoesNotContain("create the compute instance", printed, StringComparison.Ordinal);
        Run("Start-VgpuVm 101,102");
        Assert.Equal(2, Values("Get-MigInstance").Length);
    }

    [Fact]
    public void A_start_that_the_hook_would_refuse_is_refused_before_anything_is_done()
    {
        Run(Mig + "; Add-VmVgpu 103 -Type A30-2-12C; Set-VmVgpu 103 -Function 0000:4b:01.1; Start-VgpuVm 101,102");
        var before = State();
        var failure = Refusal("Start-VgpuVm 103");
        Assert.Equal(ErrorCategory.ResourceUnavailable, failure.CategoryInfo.Category);
        Assert.Equal(One<string>("(Test-VmVgpu 103).RecommendedAction"), failure.ErrorDetails.RecommendedAction);
        Assert.Equal(before, State());
    }

    [Fact]
    public async Task What_the_hook_and_Proxmox_say_comes_with_what_to_do()
    {
        var host = (await OpenLabAsync()).Host;
        Run(Prepare);
        Answers(host, new ProcessResult(255, null, false, 0,
            "vgpu-hook: VM 101 pre-start: no function is left\n  do: stop one of them: qm shutdown 102\n",
            "start failed: hookscript error for 101 on pre-start: command failed: exit code 75\n"));
        var refused = Refusal(Line);
        Assert.StartsWith("VmStartFailed,", refused.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("no function is left", refused.ErrorDetails.Message, StringComparison.Ordinal);
        Assert.Equal("stop one of them: Stop-VgpuVm 102", refused.ErrorDetails.RecommendedAction);
        Answers(host, new ProcessResult(255, null, false, 0, "", "start failed: QEMU exited with code 1\n"));
        Assert.Contains("QEMU exited with code 1", Refusal(Line).ErrorDetails.Message, StringComparison.Ordinal);
        Answers(host, new ProcessResult(255, null, false, 0, "", "cluster not ready - no quorum?\n"));
        Assert.StartsWith("NoQuorum,", Refusal(Line).FullyQualifiedErrorId, StringComparison.Ordinal);
        Answers(host, new ProcessResult(null, null, true, 0, "", ""));
        var late = Refusal(Line + " -TimeoutSeconds 7");
        Assert.Contains("after 7 s", late.ErrorDetails.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.OperationTimeout, late.CategoryInfo.Category);
        Answers(host, new ProcessResult(0, null, false, 0, "", ""));
        Assert.StartsWith("ReadBackMismatch,", Refusal(Line).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_locked_VM_and_one_of_another_node_are_refused_with_the_reason()
    {
        var host = (await OpenLabAsync()).Host;
        host.Put("/etc/pve/nodes/pve2/qemu-server/205.conf", "name: far\nmemory: 2048\n");
        Assert.Contains("on node pve2", Refusal("Start-VgpuVm 205").ErrorDetails.Message, StringComparison.Ordinal);
        host.Put("/etc/pve/nodes/pve1/qemu-server/206.conf", "name: held\nmemory: 2048\nlock: backup\n");
        Assert.StartsWith(
            "VmLocked,", Refusal("Start-VgpuVm 206").FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_VM_that_HA_manages_is_started_by_HA_and_waited_for()
    {
        var host = (await OpenLabAsync()).Host;
        Run(Prepare);
        host.Put("/etc/pve/ha/resources.cfg", "vm: 101\n\tstate stopped\n\nvm: 102\n\tstate ignored\n\n");
        Assert.Contains("by HA", string.Join('\n', Run(Line + " -WhatIf").Printed), StringComparison.Ordinal);
        Assert.Equal("running", One<VgpuVmInfo>(Line + " -PassThru").Status);
        Assert.DoesNotContain(
            "by HA", string.Join('\n', Run("Start-VgpuVm 102 -WhatIf").Printed), StringComparison.Ordinal);
        Run("Stop-VgpuVm 101");
        Answers(host, new ProcessResult(0, null, false, 0, "Requesting HA start for VM 101\n", ""));
        var late = Refusal(Line + " -TimeoutSeconds 30");
        Assert.Equal(ErrorCategory.OperationTimeout, late.CategoryInfo.Category);
        Assert.Contains("HA had not started VM 101 (web)", late.ErrorDetails.Message, StringComparison.Ordinal);
    }

    private static void Answers(VgpuPS.Lab.Machine.LabHost host, ProcessResult answer) =>
        host.Processes.Programs[QmConfigWriter.Tool] = _ => answer;
}
