using System.Management.Automation;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class GetVgpuClaimCommandTests : ReadingCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Get-VgpuClaim 4711", "VmNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Get-VgpuClaim we", "101" } };

    protected override string Prepare => "Enable-MigMode 0 -Reset; Enable-Sriov 0; Add-VmVgpu 101 A30-2-12C; "
        + "Start-LabVm 101";

    [Fact]
    public void A_running_VM_has_a_live_claim_with_all_that_it_is_on()
    {
        Run(Prepare);
        var claim = One<VgpuClaimInfo>("Get-VgpuClaim");
        Assert.Equal(
            (101, "web", "hostpci0", "A30-2-12C", "live", "0000:4b:00.0", "0000:4b:00.4"),
            (claim.VmId, claim.VmName, claim.Entry, claim.VgpuType, claim.State, claim.GpuAddress,
                claim.FunctionAddress));
        Assert.NotNull(claim.GpuInstanceId);
        Assert.NotNull(claim.Since);
        Assert.Null(claim.WaitsFor);
        Assert.Empty(Values("Get-VgpuClaim 102"));
    }

    [Fact]
    public async Task What_a_VM_left_waits_for_the_sweep()
    {
        var node = await OpenLabAsync();
        Run(Prepare);
        await node.Proxmox.KillQemuAsync(new VmId(101));
        Assert.Equal("the next sweep", One<VgpuClaimInfo>("Get-VgpuClaim").WaitsFor);
    }
}
