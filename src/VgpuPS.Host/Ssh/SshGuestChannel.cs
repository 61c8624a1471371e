using System.Globalization;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Ports;
using VgpuPS.Host.Seams;

namespace VgpuPS.Host.Ssh;

/// <summary>A guest over SSH, with the host's OpenSSH client and whatever its configuration says.</summary>
/// <param name="way">The guest.</param>
/// <param name="destination">Where it is, checked.</param>
/// <param name="processes">Runs the program.</param>
/// <param name="askPass">A program that answers <see cref="AskPassCommand"/>.</param>
/// <remarks>
/// Source: ssh(1): 255 is ssh's own failure, any other exit code the remote program's; 127 is the shell's for a program that
/// is not there. Host keys are OpenSSH's business: nothing here weakens it. That a Windows guest's shell answers
/// <c>uname</c> with an error is assumed.
/// </remarks>
internal sealed class SshGuestChannel(GuestWay way, string destination, IProcessRunner processes, string askPass)
    : IGuestChannel
{
    /// <summary>The program.</summary>
    public const string Tool = "/usr/bin/ssh";

    private const int OwnFailure = 255;
    private const int NoSuchProgram = 127;
    private const int KeptLines = 6;

    private static readonly TimeSpan s_margin = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_short = TimeSpan.FromSeconds(20);

    private string? _method;

    public GuestVia Via => GuestVia.Ssh;

    public int InputLimit => 8 * 1024 * 1024;

    public async Task<GuestSystem> GetSystemAsync(CancellationToken cancellationToken)
    {
        var result = await SendAsync(new GuestCommand("uname", ["-sr"], s_short), cancellationToken).ConfigureAwait(false);
        return result.ExitCode == 0 && result.Output.StartsWith("Linux", StringComparison.Ordinal)
            ? new GuestSystem(false, way.CleanLine(result.Output.Trim()))
            : new GuestSystem(true, "Windows");
    }

    public async Task<GuestResult> RunAsync(GuestCommand command, CancellationToken cancellationToken)
    {
        var result = await SendAsync(command, cancellationToken).ConfigureAwait(false);
        return result.ExitCode == NoSuchProgram
            ? throw new ObjectNotFoundException(
                ErrorIds.GuestProgramNotFound, $"{way.Label} has no {command.Program}: {way.LastLines(result.Error, KeptLines)}",
                $"See what the guest has: ssh {destination} which {command.Program}", way.Vm.ToString())
            : result;
    }

    private async Task<GuestResult> SendAsync(GuestCommand command, CancellationToken cancellationToken)
    {
        var result = await ConnectAsync(command, cancellationToken).ConfigureAwait(false);
        if (result.StartErrno != 0)
        {
            throw new HostNotReadyException(
                ErrorIds.GuestUnreachable, $"{Tool} was not started: {Errno.Describe(result.StartErrno)}",
                "Install the OpenSSH client on the host: apt-get install openssh-client", Tool);
        }

        if (result.TimedOut)
        {
            throw new HostTimeoutException(
                ErrorIds.Timeout,
                string.Create(CultureInfo.InvariantCulture, $"{command.Program} in {way.Label} ({destination}) had not ended after {command.Deadline.TotalSeconds:0} s"),
                $"See whether it still runs: ssh {destination} ps -ef", way.Vm.ToString());
        }

        return result.ExitCode is null or OwnFailure
            ? throw Refused(way.LastLines(result.Error, KeptLines))
            : way.ToResult(result.ExitCode, null, result.Output, result.Error, false);
    }

    private async Task<ProcessResult> ConnectAsync(GuestCommand command, CancellationToken cancellationToken)
    {
        if (way.Login is not { } login)
        {
            return await StartAsync(command, ["BatchMode=yes"], [], cancellationToken).ConfigureAwait(false);
        }

        if (_method is null)
        {
            await RequireAskPassAsync(login, cancellationToken).ConfigureAwait(false);

            // Which methods the guest offers: a password that is wrong must not be tried by each of them.
            var offer = await StartAsync(
                new GuestCommand("true", [], s_short), ["BatchMode=yes", "StrictHostKeyChecking=yes", "PreferredAuthentications=none"],
                [], cancellationToken).ConfigureAwait(false);
            _method = FindMethod(offer.Error);
            if (_method is null)
            {
                return offer;
            }
        }

        return await StartAsync(
            command,
            [
                "BatchMode=no", "StrictHostKeyChecking=yes", "PubkeyAuthentication=no", "NumberOfPasswordPrompts=1",
                $"PreferredAuthentications={_method}",
            ],
            new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["SSH_ASKPASS"] = askPass,
                ["SSH_ASKPASS_REQUIRE"] = "force",
                [AskPassCommand.Variable] = login.Password,
            },
            cancellationToken).ConfigureAwait(false);
    }

    private Task<ProcessResult> StartAsync(
        GuestCommand command, IReadOnlyList<string> options, Dictionary<string, string?> environment,
        CancellationToken cancellationToken) => processes.RunAsync(
        new ProcessRequest(
            Tool,
            [
                "-T", .. options.SelectMany(o => (string[])["-o", o]), "-o", "ConnectTimeout=15", "-o", "ServerAliveInterval=15",
                "--", destination, PosixQuote.Join([command.Program, .. command.Arguments]),
            ],
            command.Deadline + s_margin)
        {
            Input = command.Input,
            Environment = environment,
        },
        cancellationToken);

    /// <summary>Makes sure that the question will be answered: without that, ssh sends an empty password.</summary>
    private async Task RequireAskPassAsync(GuestLogin login, CancellationToken cancellationToken)
    {
        if (login.Password.Length == 0 || login.Password.AsSpan().IndexOfAny('\n', '\r', '\0') >= 0)
        {
            throw new InvalidRequestException(
                ErrorIds.InvalidRequest, $"the password for {way.Label} is empty or has an end of line",
                "Give it anew: -GuestCredential (Get-Credential root)", way.Vm.ToString());
        }

        var request = new ProcessRequest(askPass, [AskPassCommand.Question], s_short)
        {
            Environment = new Dictionary<string, string?>(StringComparer.Ordinal) { [AskPassCommand.Variable] = login.Password },
        };
        var answer = await processes.RunAsync(request, cancellationToken).ConfigureAwait(false);
        if (answer.ExitCode != 0 || answer.Output.TrimEnd('\n') != login.Password)
        {
            throw new HostNotReadyException(
                ErrorIds.HookNotInstalled, $"{askPass}, which gives ssh the password of {way.Label}, is not there or too old",
                "Install it: Install-VgpuHost", askPass);
        }
    }

    /// <remarks>Source: ssh's own words: <c>root@10.0.0.5: Permission denied (publickey,password).</c></remarks>
    private static string? FindMethod(string error)
    {
        const string Begin = "Permission denied (";
        var at = error.LastIndexOf(Begin, StringComparison.Ordinal);
        var offered = at < 0 ? [] : error[(at + Begin.Length)..].Split(')')[0].Split(',');
        return Array.Find(["password", "keyboard-interactive"], offered.Contains);
    }

    private VgpuException Refused(string said) => way.Login is not { } login || !said.Contains("Permission denied", StringComparison.Ordinal)
        ? Unreachable(said)
        : new AccessDeniedException(
            ErrorIds.AuthenticationFailed,
            _method is null ? $"{way.Label} takes no password over SSH: {said}"
                : $"{way.Label} does not let {login.User} in with this password ({_method}, tried once): {said}",
            "See that user and password are right, and that the guest's sshd_config allows them: PasswordAuthentication yes, PermitRootLogin yes",
            way.Vm.ToString());

    private HostNotReadyException Unreachable(string said) => new(
        ErrorIds.GuestUnreachable, $"{way.Label} cannot be reached over SSH at {destination}: {said}",
        said.Contains("Host key verification failed", StringComparison.Ordinal)
            ? $"Check the guest's key and accept it once, as root on the host: ssh {destination} true"
            : $"Try it as root on the host, without a password: ssh -o BatchMode=yes {destination} true", way.Vm.ToString());
}
