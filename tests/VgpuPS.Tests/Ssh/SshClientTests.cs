using VgpuPS.Core.Errors;
using VgpuPS.Host.Ssh;
using Xunit;

namespace VgpuPS.Tests.Ssh;

public sealed class SshClientTests
{
    [Theory]
    [InlineData("pve1", null, "pve1", null, "pve1")]
    [InlineData("root@pve1", "root", "pve1", null, "pve1")]
    [InlineData("root@10.0.0.7:2222", "root", "10.0.0.7", 2222, "10.0.0.7:2222")]
    [InlineData("fe80::1", null, "fe80::1", null, "fe80::1")]
    [InlineData("[fe80::1%eth0]:22", null, "fe80::1%eth0", 22, "[fe80::1%eth0]:22")]
    [InlineData("[fe80::1]", null, "fe80::1", null, "fe80::1")]
    [InlineData("corp\\adm@pve1.example", "corp\\adm", "pve1.example", null, "pve1.example")]
    [InlineData(" pve_1 ", null, "pve_1", null, "pve_1")]
    public void A_destination_is_read(string text, string? user, string host, int? port, string name)
    {
        var destination = SshDestination.Parse(text);
        Assert.Equal(
            (user, host, port, name), (destination.User, destination.Host, destination.Port, destination.Name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-oProxyCommand=id")]
    [InlineData("-l@pve1")]
    [InlineData("pve1;id")]
    [InlineData("pve 1")]
    [InlineData("root@")]
    [InlineData("pve1:0")]
    [InlineData("pve1:70000")]
    [InlineData("pve1:x")]
    [InlineData("[fe80::1")]
    [InlineData("[fe80::1]x")]
    [InlineData("a\nb")]
    [InlineData("$(id)")]
    public void What_is_no_destination_is_refused(string text) =>
        Assert.Equal(
            ErrorIds.InvalidHostName, Assert.Throws<InvalidRequestException>(() => SshDestination.Parse(text)).ErrorId);

    [Theory]
    [InlineData("StrictHostKeyChecking", "no")]
    [InlineData("stricthostkeychecking", "off")]
    [InlineData("UserKnownHostsFile", "/dev/null")]
    [InlineData("userknownhostsfile", "/dev/null /dev/zero")]
    [InlineData("UserKnownHostsFile", "none")]
    [InlineData("NoHostAuthenticationForLocalhost", "yes")]
    public void What_would_take_any_machine_for_the_host_is_refused(string name, string value) => Assert.Contains(
        "any machine", Assert.Throws<InvalidRequestException>(() => Arguments(name, value)).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("StrictHostKeyChecking", "accept-new")]
    [InlineData("UserKnownHostsFile", "/home/me/.ssh/lab_hosts /dev/null")]
    public void What_keeps_keys_is_allowed(string name, string value) =>
        Assert.Contains($"{name}={value}", Arguments(name, value));

    [Fact]
    public void A_session_forwards_nothing() =>
        Assert.All(["ForwardAgent=no", "ForwardX11=no", "ClearAllForwardings=yes"],
            o => Assert.Contains(o, Arguments("ProxyJump", "b")));

    [Theory]
    [InlineData("10.0.0.2", "10.0.0.2")]
    [InlineData("fe80::1%eth0", "fe80::1%eth0")]
    [InlineData("bob@other", null)]
    [InlineData("other:2222", "other:2222")]
    [InlineData("-oProxyCommand=id", null)]
    [InlineData("", null)]
    public void A_host_that_a_machine_names_changes_neither_user_nor_port(string host, string? taken)
    {
        if (taken is null)
        {
            Assert.Throws<InvalidRequestException>(() => SshDestination.OfHost(host, "root", 22));
            return;
        }

        var destination = SshDestination.OfHost(host, "root", 22);
        Assert.Equal(("root", 22, taken), (destination.User, destination.Port, destination.Host));
    }

    private static IReadOnlyList<string> Arguments(string name, string value) => new SshCommandLine
    {
        Options = new Dictionary<string, string> { [name] = value },
    }.ToArguments(SshDestination.Parse("pve1"), "true");

    [Fact]
    public void What_is_written_at_a_host_wins_over_what_is_named_apart()
    {
        var destination = SshDestination.Parse("root@pve1:22", "admin", 2222);
        Assert.Equal(("root", 22), (destination.User, destination.Port));
        Assert.Equal("admin@pve1:2222", SshDestination.Parse("pve1", "admin", 2222).ToString());
    }

    [Fact]
    public void The_client_gets_an_argument_list_in_which_the_sessions_own_options_come_first()
    {
        var options = new SshCommandLine
        {
            KeyFilePath = "/keys/my key",
            Options = new Dictionary<string, string> { ["ProxyJump"] = "bastion", ["BatchMode"] = "no" },
            ConnectingTimeout = TimeSpan.FromMilliseconds(1500),
        };
        var arguments = options.ToArguments(SshDestination.Parse("root@pve1:2222"), "/usr/lib/vgpups/vgpu-hook agent")
            .ToList();
        Assert.Equal(["--", "pve1", "/usr/lib/vgpups/vgpu-hook agent"], arguments[^3..]);
        Assert.True(arguments.IndexOf("BatchMode=yes") < arguments.IndexOf("BatchMode=no"));
        Assert.Contains("ConnectTimeout=2", arguments);
        Assert.Contains("ProxyJump=bastion", arguments);
        Assert.Contains("/keys/my key", arguments);
        Assert.DoesNotContain(
            arguments, a => a.StartsWith("StrictHostKeyChecking", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("StrictHostKeyChecking", "no")]
    [InlineData("stricthostkeychecking", "off")]
    [InlineData("Proxy Jump", "x")]
    [InlineData("", "x")]
    [InlineData("ProxyJump", "a\nProxyCommand b")]
    public void Options_that_are_none_or_trust_anybody_are_refused(string name, string value)
    {
        var options = new SshCommandLine { Options = new Dictionary<string, string> { [name] = value } };
        Assert.Throws<InvalidRequestException>(() => options.ToArguments(SshDestination.Parse("pve1"), "agent"));
    }

    [Theory]
    [InlineData(255, "ssh: Could not resolve hostname pve1: Name or service not known", ErrorIds.HostUnreachable,
        "ssh pve1 true")]
    [InlineData(
        255, "ssh: connect to host pve1 port 22: Connection refused", ErrorIds.HostUnreachable, "ssh pve1 true")]
    [InlineData(
        255, "kex_exchange_identification: Connection closed by remote host", ErrorIds.HostUnreachable, "MaxStartups")]
    [InlineData(
        255, "/home/a/.ssh/config line 3: Bad configuration option: foo", ErrorIds.HostUnreachable, "ssh -G pve1")]
    [InlineData(
        255, "root@pve1: Permission denied (publickey).", ErrorIds.AuthenticationFailed, "ssh-copy-id root@pve1")]
    [InlineData(255, "Host key verification failed.", ErrorIds.HostKeyUnknown, "ssh pve1")]
    [InlineData(255, "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nHost key verification failed.",
        ErrorIds.HostKeyChanged, "ssh-keygen -R pve1")]
    [InlineData(127, "bash: line 1: /usr/lib/vgpups/vgpu-hook: No such file or directory", ErrorIds.AgentNotFound,
        "Install-VgpuHost -HostName pve1")]
    [InlineData(
        126, "bash: line 1: /usr/lib/vgpups/vgpu-hook: Permission denied", ErrorIds.AgentNotFound, "Install-VgpuHost")]
    [InlineData(
        64, "vgpu-hook: agent: 'agent' is no command", ErrorIds.AgentVersionMismatch, "Update-VgpuHost -HostName pve1")]
    [InlineData(1, "vgpu-hook: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found", ErrorIds.AgentFault,
        "vgpu-hook show")]
    [InlineData(null, "", ErrorIds.HostUnreachable, "-ConnectingTimeout")]
    public void What_the_client_says_becomes_an_error_of_its_own(int? exitCode, string error, string id, string action)
    {
        var failure = SshErrors.Explain(SshDestination.Parse("pve1"), exitCode, error);
        Assert.Equal(id, failure.ErrorId);
        Assert.Contains("pve1", failure.Message, StringComparison.Ordinal);
        Assert.Contains(action, failure.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(255, "kex_exchange_identification: read: Connection reset by peer", true)]
    [InlineData(255, "Connection closed by 10.0.0.7 port 22", true)]
    [InlineData(255, "Connection closed by 10.0.0.7 port 22\nroot@pve1: Permission denied (publickey).", false)]
    [InlineData(255, "ssh: connect to host pve1 port 22: Connection refused", false)]
    [InlineData(127, "Connection closed by", false)]
    [InlineData(null, "", false)]
    public void Only_a_server_that_is_too_busy_is_tried_again(int? exitCode, string error, bool isTriedAgain) =>
        Assert.Equal(isTriedAgain, SshErrors.IsRefusedForNow(exitCode, error));
}
