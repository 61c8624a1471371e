using System.Management.Automation;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class InvokeVgpuSweepCommandTests : CommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Invoke-VgpuSweep -Session nowhere", "SessionNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Invoke-VgpuSweep -Session l", "lab" } };

    private const string Started =
        "Enable-MigMode 0 -Reset; Enable-Sriov 0; Add-VmVgpu 101 A30-2-12C; Start-LabVm 101";

    [Fact]
    public async Task What_would_be_released_is_shown_and_then_released_once()
    {
        var node = await OpenLabAsync();
        Run(Started);
        await node.Proxmox.KillQemuAsync(new VmId(101));
        var before = State();
        var plan = string.Join('\n', Run("Invoke-VgpuSweep -WhatIf").Printed);
        Assert.Contains("release what VM 101 left behind: hostpci0 on function 0000:4b:00.4", plan,
            StringComparison.Ordinal);
        Assert.Contains("destroy GPU instance ", plan, StringComparison.Ordinal);
        Assert.Equal(before, State());
        Assert.Equal("lab", One<HostInfo>("Invoke-VgpuSweep -PassThru").VgpuHost);
        Assert.Empty(Values("Get-VgpuClaim; Get-MigInstance"));
        Assert.Empty(Values("Invoke-VgpuSweep"));
    }

    [Fact]
    public void A_VM_that_runs_keeps_what_it_has()
    {
        Run(Started);
        var before = State();
        Run("Invoke-VgpuSweep");
        Assert.Equal(before, State());
    }
}
