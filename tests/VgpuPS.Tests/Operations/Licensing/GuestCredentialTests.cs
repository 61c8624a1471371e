using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Proxmox;
using VgpuPS.Host.Operations.Licensing;
using VgpuPS.Host.Ssh;
using Xunit;

namespace VgpuPS.Tests.Operations.Licensing;

public sealed class GuestCredentialTests
{
    private const string Secret = "it's a pass word";

    private readonly GuestLab _lab = new(101);
    private readonly List<string> _commandLines = [];

    public GuestCredentialTests()
    {
        _lab.With(101, g => g.SshPassword = Secret);
        _lab.Host.Processes.CommandLines = _commandLines.Add;
    }

    [Fact]
    public void A_password_opens_the_guest_and_stands_in_no_command_line()
    {
        _lab.Set(Request(new GuestLogin("root", Secret)));
        Assert.NotNull(_lab.File(101, GuestLab.Conf));
        Assert.Contains(_commandLines, l => l.StartsWith("/usr/bin/ssh", StringComparison.Ordinal)
            && l.Contains("root@web", StringComparison.Ordinal));
        Assert.DoesNotContain(_commandLines,
            l => l.Contains(Secret, StringComparison.Ordinal) || l.Contains("pass word", StringComparison.Ordinal));
    }

    [Fact]
    public void A_wrong_password_is_tried_once_and_not_printed()
    {
        var request = Request(new GuestLogin("root", "wrong one"));
        var failure = Assert.Throws<AccessDeniedException>(() => _lab.Set(request));
        Assert.Equal(ErrorIds.AuthenticationFailed, failure.ErrorId);
        Assert.Contains("VM 101 (web) rejects root", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong one", failure + request.ToString(), StringComparison.Ordinal);
        Assert.Single(_commandLines, l => l.Contains("NumberOfPasswordPrompts=1", StringComparison.Ordinal));
    }

    [Fact]
    public void A_key_does_not_open_a_guest_that_wants_a_password() => _lab.Refuses<HostNotReadyException>(
        GuestLab.Request() with { Via = GuestVia.Ssh }, ErrorIds.GuestUnreachable,
        "Permission denied (publickey,password)");

    [Fact]
    public void A_guest_that_takes_no_password_is_asked_for_none()
    {
        _lab.With(101, g => g.SshPassword = null);
        _lab.Refuses<AccessDeniedException>(
            Request(new GuestLogin("root", Secret)), ErrorIds.AuthenticationFailed, "accepts no password",
            "PasswordAuthentication yes");
        Assert.DoesNotContain(_commandLines, l => l.Contains("NumberOfPasswordPrompts", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    public void A_password_that_ssh_cannot_be_given_is_refused(string password) =>
        _lab.Refuses<InvalidRequestException>(
        Request(new GuestLogin("root", password)), ErrorIds.CredentialUnusable, "empty or has a line break");

    [Fact]
    public void A_host_without_the_program_that_answers_is_told_before_the_guest_is_asked()
    {
        _lab.Host.Files.Delete(HookVolume.InstalledPath);
        _lab.Refuses<HostNotReadyException>(
            Request(new GuestLogin("root", Secret)), ErrorIds.HookNotInstalled, HookVolume.InstalledPath,
            "Install-VgpuHost");
        Assert.DoesNotContain(_commandLines, l => l.StartsWith("/usr/bin/ssh", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("anna@10.0.0.5", ErrorIds.CredentialUnusable, "anna")]
    [InlineData("-l", ErrorIds.InvalidGuestAddress, "not an address")]
    public void An_address_with_another_user_or_an_option_is_refused(string address, string errorId, string word) =>
        _lab.Refuses<InvalidRequestException>(
        Request(new GuestLogin("root", Secret)) with { GuestAddress = address }, errorId, word);

    [Fact]
    public void The_guest_agent_takes_no_login() => _lab.Refuses<InvalidRequestException>(
        Request(new GuestLogin("root", Secret)) with { Via = GuestVia.Agent }, ErrorIds.ConflictingParameters,
        "accepts no credential");

    [Fact]
    public void Only_a_question_for_a_password_is_answered()
    {
        Assert.Null(AskPassCommand.TryRun(["root@web's password: "], TextWriter.Null));
        using var said = new StringWriter();
        Environment.SetEnvironmentVariable(AskPassCommand.Variable, Secret);
        try
        {
            Assert.Equal(1,
                AskPassCommand.TryRun(["Are you sure you want to continue connecting (yes/no/[fingerprint])? "], said));
            Assert.Equal(1, AskPassCommand.TryRun(["101", "pre-start"], said));
            Assert.Equal("", said.ToString());
            Assert.Equal(0, AskPassCommand.TryRun(["(root@web) Password: "], said));
            Assert.Equal(Secret, said.ToString().TrimEnd());
        }
        finally
        {
            Environment.SetEnvironmentVariable(AskPassCommand.Variable, null);
        }
    }

    private static SetGridLicenseRequest Request(GuestLogin login) => GuestLab.Request() with { GuestLogin = login };
}
