using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class StartLabVmCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Start-LabVm 4711", "VmNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Start-LabVm we", "101" } };

    protected override string Prepare => "Enable-Sriov 0; Add-VmVgpu 101 A30-6C";

    protected override string Line => "Start-LabVm 101";

    protected override string Plan => "start VM 101 as Proxmox VE would";

    private const string Mig = "Enable-MigMode 0 -Reset; Enable-Sriov 0; Add-VmVgpu 101 -Type A30-2-12C";

    [Fact]
    public void The_hook_runs_and_makes_what_the_VM_needs()
    {
        Run(Mig);
        Assert.True(One<VgpuInfo>("Start-LabVm 101 -PassThru").IsRunning);
        Assert.True(One<MigInstanceInfo>("Get-MigInstance").IsMadeByHook);
    }

    [Fact]
    public void A_start_that_is_refused_says_why_in_the_hook_s_words()
    {
        Run(Mig + "; Add-VmVgpu 102, 103 -Type A30-2-12C; Set-VmVgpu 103 -Function 0000:4b:01.1; Start-LabVm 101, 102");
        var failure = Refusal("Start-LabVm 103");
        Assert.Equal(ErrorCategory.InvalidResult, failure.CategoryInfo.Category);
        Assert.Contains("VM 103", failure.ErrorDetails.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_that_is_not_simulated_is_refused() =>
        Assert.Equal("NotALab", RefusalId("Start-LabVm 101 -Session localhost"));
}
