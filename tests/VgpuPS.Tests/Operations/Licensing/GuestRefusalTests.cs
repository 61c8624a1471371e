using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;
using VgpuPS.Tests.Licensing;
using Xunit;

namespace VgpuPS.Tests.Operations.Licensing;

public sealed class GuestRefusalTests
{
    private static readonly DateTimeOffset s_past = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("999", ErrorIds.VmNotFound)]
    [InlineData("nosuch", ErrorIds.VmNotFound)]
    public void A_vm_that_is_not_there(string vm, string errorId) =>
        new GuestLab(101).Refuses<ObjectNotFoundException>(GuestLab.Request() with { Vm = vm }, errorId, vm);

    [Fact]
    public void A_vm_that_does_not_run() => new GuestLab(101).Refuses<HostNotReadyException>(
        GuestLab.Request(102), ErrorIds.VmNotRunning, "VM 102 (build)", "qm start 102");

    [Fact]
    public void A_template() => new GuestLab(101).Refuses<InvalidRequestException>(
        GuestLab.Request(900), ErrorIds.VmIsTemplate, "VM 900");

    [Fact]
    public void A_vm_without_a_vgpu() => new GuestLab(null, [101]).Refuses<ObjectNotFoundException>(
        GuestLab.Request(), ErrorIds.VgpuNotFound, "has no vGPU", "Add-VmVgpu -VmId 101");

    [Fact]
    public void An_agent_that_does_not_run() => new GuestLab(101).With(101, g => g.AgentRuns = false)
        .Refuses<HostNotReadyException>(
            GuestLab.Request(), ErrorIds.GuestAgentNotRunning, "VM 101 (web)", "apt-get install qemu-guest-agent",
            "-Via Ssh");

    [Fact]
    public void An_agent_that_is_not_switched_on()
    {
        var lab = new GuestLab(101);
        var path = lab.Vms.Node.ConfigPath(new(101));
        lab.Vms.PutFile(path, lab.Vms.Text(101).Replace("agent: 1", "agent: 0", StringComparison.Ordinal));
        lab.Refuses<HostNotReadyException>(GuestLab.Request(), ErrorIds.GuestAgentNotEnabled, "qm set 101 --agent 1");
    }

    [Fact]
    public void An_agent_that_is_told_not_to_run_programs() => new GuestLab(101).With(101, g => g.ExecIsBlocked = true)
        .Refuses<HostNotReadyException>(GuestLab.Request(), ErrorIds.GuestCommandBlocked, "guest-exec", "qemu-ga");

    [Fact]
    public void An_ssh_server_that_does_not_answer() => new GuestLab(101).With(101, g => g.SshRuns = false)
        .Refuses<HostNotReadyException>(
            GuestLab.Request() with { Via = GuestVia.Ssh }, ErrorIds.GuestUnreachable, "Connection refused",
            "ssh -o BatchMode=yes web true");

    [Theory]
    [InlineData("-oProxyCommand=touch /tmp/x")]
    [InlineData("host; rm -rf /")]
    [InlineData("a@b@c")]
    [InlineData("root@-l")]
    [InlineData("@host")]
    [InlineData("$(id)")]
    public void An_address_that_ssh_would_take_for_something_else(string address) => new GuestLab(101)
        .Refuses<InvalidRequestException>(
            GuestLab.Request() with { Via = GuestVia.Ssh, GuestAddress = address }, ErrorIds.InvalidGuestAddress,
            "-GuestAddress");

    [Theory]
    [InlineData(101)]
    [InlineData(104)]
    public void A_guest_without_a_driver(int vm) => new GuestLab(vm).With(vm, g => g.Driver = null)
        .Refuses<HostNotReadyException>(
            GuestLab.Request(vm), ErrorIds.GuestDriverMissing, "no nvidia-smi", $"Install-VmVgpuDriver {vm}");

    [Fact]
    public void A_token_that_has_ended() => new GuestLab(101).Refuses<InvalidRequestException>(
        GuestLab.Request(101, Tokens.Make(expiry: s_past)), ErrorIds.TokenExpired, "2026-01-01 00:00:00 UTC");

    [Fact]
    public void A_token_for_another_server() => new GuestLab(101).Refuses<InvalidRequestException>(
        GuestLab.Request() with { Server = "other" }, ErrorIds.TokenServerMismatch, "dls.lab");

    [Theory]
    [InlineData("")]
    [InlineData("\u0001\u0002\0")]
    public void A_file_that_is_no_token(string text) => new GuestLab(101).Refuses<InvalidRequestException>(
        GuestLab.Request() with { Token = text }, ErrorIds.InvalidToken, GuestLab.TokenName);

    [Fact]
    public void A_feature_type_that_is_none() => new GuestLab(101).Refuses<InvalidRequestException>(
        GuestLab.Request() with { FeatureType = 3 }, ErrorIds.InvalidFeatureType, "3 is not a feature type");

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(100_000)]
    public void A_time_that_is_none(int seconds) => new GuestLab(101).Refuses<InvalidRequestException>(
        GuestLab.Request() with { TimeoutSeconds = seconds }, ErrorIds.TimeOutOfRange, "-TimeoutSeconds");
}
