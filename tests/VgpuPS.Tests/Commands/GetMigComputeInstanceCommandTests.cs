using System.Management.Automation;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class GetMigComputeInstanceCommandTests : PipedCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Get-MigComputeInstance -GpuInstanceId 9", "InstanceNotFound", ErrorCategory.ObjectNotFound },
        { "Get-MigComputeInstance 9", "DeviceNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Get-MigComputeInstance 0 -GpuInstanceId ", "1" } };

    protected override string Prepare => "Enable-MigMode 0 -Reset; New-MigInstance 0 -Profile 2g.12gb -Placement 0:2";

    private const string Own = "Get-MigComputeInstance -FromGuest | Where-Object GuestVmId";

    [Fact]
    public async Task Those_that_a_guest_made_are_shown_as_its_own()
    {
        var node = await OpenLabAsync();
        Run("Enable-MigMode 0 -Reset; Enable-Sriov 0; New-MigInstance 0 -Profile 2g.12gb, 1g.6gb; "
            + "Add-VmVgpu 101 A30-2-12C; Start-LabVm 101");
        Assert.Equal(2, Values("Get-MigComputeInstance").Length);
        Assert.Equal(["2g.12gb"], Values($"({Own}).ComputeProfile"));
        node.Host.Edit(s => s.Guests.Single(g => g.Vm == 101).ComputeInstances = ["1c.2g.12gb", "1c.2g.12gb"]);
        var own = Values(Own).Cast<MigComputeInstanceInfo>();
        Assert.Equal(
            [("lab", 0u, "1c.2g.12gb", 1, 14, 101), ("lab", 1u, "1c.2g.12gb", 1, 14, 101)],
            own.Select(c => (c.VgpuHost, c.ComputeInstanceId, c.ComputeProfile, c.ComputeSlices, c.Multiprocessors,
                c.GuestVmId!.Value)));
        Assert.Matches(@"1c\.2g\.12gb\s+1\s+14\s+in guest 101", Show("Get-MigComputeInstance -FromGuest", 80));
        Assert.Empty(Values($"Get-MigInstance -Profile 1g.6gb | {Own}"));
        Run("Stop-LabVm 101; Start-LabVm 101");
        Assert.Equal(["2g.12gb"], Values($"({Own}).ComputeProfile"));
    }

    [Fact]
    public void A_guest_that_does_not_answer_is_an_error_beside_the_host_s_own()
    {
        Run("Enable-MigMode 0 -Reset; Enable-Sriov 0; New-MigInstance 0 -Profile 2g.12gb; "
            + "Add-VmVgpu 101 A30-2-12C; Start-LabVm 101; Set-LabGuest 101 -AgentRuns $false");
        var result = Try("Get-MigComputeInstance -FromGuest");
        Assert.Single(result.Output);
        Assert.StartsWith("GuestAgentNotRunning", Assert.Single(result.Errors).FullyQualifiedErrorId,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("|   0      0       MIG 1c.3g.20gb       0         1          0:1     |", "0 1 1c.3g.20gb 1")]
    [InlineData("|   1      0       MIG 2g.10gb          1         0          0:2     |\r", "1 0 2g.10gb 2")]
    [InlineData("|   0      0       MIG 1g.5gb+me        7         0          0:1     |", "0 0 1g.5gb+me 1")]
    [InlineData("|   0      0       MIG $(reboot)        7         0          0:1     |", "")]
    [InlineData("No compute instances found: Not Found", "")]
    [InlineData("", "")]
    public void A_row_of_the_guest_s_list_is_read(string text, string read) => Assert.Equal(
        read, string.Join(';', SmiComputeInstances.Parse(text).Select(i => $"{i.Gpu} {i.Id} {i.Profile} {i.Slices}")));

    [Fact]
    public void Those_of_the_GPU_instances_that_are_piped_in_are_shown()
    {
        Run("Enable-MigMode 0 -Reset; New-MigInstance 0 -Profile 2g.12gb, 1g.6gb");
        Assert.Equal(["1g.6gb"], Values("(Get-MigInstance -Profile 1g.6gb | Get-MigComputeInstance).ComputeProfile"));
        Assert.Equal(2, Values("Get-MigComputeInstance").Length);
    }
}
