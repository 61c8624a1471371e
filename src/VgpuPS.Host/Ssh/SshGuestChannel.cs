using VgpuPS.Core.Guests;
using VgpuPS.Core.Text;

namespace VgpuPS.Host.Ssh;

/// <summary>A guest over SSH, with the host's OpenSSH client and whatever its configuration says.</summary>
/// <param name="endpoint">The guest.</param>
/// <param name="destination">Where it is, checked.</param>
/// <param name="processes">Runs the program.</param>
/// <param name="askPass">A program that answers <see cref="AskPassCommand"/>.</param>
/// <remarks>
/// Source: ssh(1): 255 is ssh's own failure, any other exit code the remote program's; 127 is the shell's for a program
/// that is not there. Host keys are OpenSSH's business: nothing here weakens it. That a Windows guest's shell answers
/// <c>uname</c> with an error is assumed.
/// </remarks>
internal sealed class SshGuestChannel(
    GuestEndpoint endpoint, string destination, IProcessRunner processes, string askPass)
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

    public int InputLimit => 8 * 1024 * 1024;

    public async Task<GuestSystem> GetSystemAsync(CancellationToken cancellationToken)
    {
        var result = await SendAsync(
            new GuestCommand("uname", ["-sr"], s_short), cancellationToken).ConfigureAwait(false);
        return result.ExitCode == 0 && result.Output.StartsWith("Linux", StringComparison.Ordinal)
            ? new GuestSystem(false, endpoint.CleanLine(result.Output.Trim()))
            : new GuestSystem(true, "Windows");
    }

    public async Task<GuestResult> RunAsync(GuestCommand command, CancellationToken cancellationToken)
    {
        var result = await SendAsync(command, cancellationToken).ConfigureAwait(false);
        return result.ExitCode == NoSuchProgram
            ? throw new ObjectNotFoundException(
                ErrorIds.GuestProgramNotFound,
                $"{endpoint.Label} has no {command.Program}: {endpoint.LastLines(result.Error, KeptLines)}",
                $"see what the guest has: ssh {destination} which {command.Program}", endpoint.Vm.ToString())
            : result;
    }

    private async Task<GuestResult> SendAsync(GuestCommand command, CancellationToken cancellationToken)
    {
        var result = await ConnectAsync(command, cancellationToken).ConfigureAwait(false);
        if (result.StartErrno != 0)
        {
            throw new HostNotReadyException(
                ErrorIds.GuestUnreachable, $"{Tool} was not started: {Errno.Describe(result.StartErrno)}",
                "install the OpenSSH client on the host: apt-get install openssh-client", Tool);
        }

        if (result.TimedOut)
        {
            throw new HostTimeoutException(
                ErrorIds.Timeout,
                string.Create(
                    CultureInfo.InvariantCulture, $"{command.Program} in {endpoint.Label} ({destination}) had not "
                        + $"ended after {command.Deadline.TotalSeconds:0} s"),
                $"see whether it still runs: ssh {destination} ps -ef", endpoint.Vm.ToString());
        }

        return result.ExitCode is null or OwnFailure
            ? throw Refused(endpoint.LastLines(result.Error, KeptLines))
            : endpoint.ToResult(result.ExitCode, null, result.Output, result.Error, false);
    }

    private async Task<ProcessResult> ConnectAsync(GuestCommand command, CancellationToken cancellationToken)
    {
        if (endpoint.Login is not { } login)
        {
            return await StartAsync(command, ["BatchMode=yes"], [], cancellationToken).ConfigureAwait(false);
        }

        if (_method is null)
        {
            await RequireAskPassAsync(login, cancellationToken).ConfigureAwait(false);

            // Which methods the guest offers: a password that is wrong must not be tried by each of them.
            var methods = await StartAsync(
                new GuestCommand("true", [], s_short),
                ["BatchMode=yes", "StrictHostKeyChecking=yes", "PreferredAuthentications=none"],
                [], cancellationToken).ConfigureAwait(false);
            _method = FindMethod(methods.Error);
            if (_method is null)
            {
                return methods;
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
                "-T", .. options.SelectMany(o => (string[])["-o", o]), "-o", "ConnectTimeout=15", "-o",
                "ServerAliveInterval=15", "--", destination, ShellText.Join([command.Program, .. command.Arguments]),
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
                ErrorIds.CredentialUnusable, $"the password for {endpoint.Label} is empty or has a line break",
                "provide it again: -GuestCredential (Get-Credential root)", endpoint.Vm.ToString());
        }

        var request = new ProcessRequest(askPass, [AskPassCommand.Question], s_short)
        {
            Environment = new Dictionary<string, string?>(
                StringComparer.Ordinal)
            { [AskPassCommand.Variable] = login.Password },
        };
        var answer = await processes.RunAsync(request, cancellationToken).ConfigureAwait(false);
        if (answer.ExitCode != 0 || answer.Output.TrimEnd('\n') != login.Password)
        {
            throw new HostNotReadyException(
                ErrorIds.HookNotInstalled, $"{askPass}, which passes ssh the password of {endpoint.Label}, "
                    + "is missing or too old",
                "install it: Install-VgpuHost", askPass);
        }
    }

    /// <remarks>Source: ssh's own words: <c>root@10.0.0.5: Permission denied (publickey,password).</c></remarks>
    private static string? FindMethod(string error)
    {
        const string Begin = "Permission denied (";
        var at = error.LastIndexOf(Begin, StringComparison.Ordinal);
        var methods = at < 0 ? [] : error[(at + Begin.Length)..].Split(')')[0].Split(',');
        return Array.Find(["password", "keyboard-interactive"], methods.Contains);
    }

    private VgpuException Refused(string said) => endpoint.Login is not { } login
        || !said.Contains("Permission denied", StringComparison.Ordinal)
        ? Unreachable(said)
        : new AccessDeniedException(
            ErrorIds.AuthenticationFailed,
            _method is null ? $"{endpoint.Label} accepts no password over SSH: {said}"
                : $"{endpoint.Label} rejects {login.User} with this password ({_method}, tried once): {said}",
            "check that user and password are right, and that the guest's sshd_config allows them: "
                + "PasswordAuthentication yes, PermitRootLogin yes",
            endpoint.Vm.ToString());

    private HostNotReadyException Unreachable(string said) => new(
        ErrorIds.GuestUnreachable, $"{endpoint.Label} cannot be reached over SSH at {destination}: {said}",
        said.Contains("Host key verification failed", StringComparison.Ordinal)
            ? $"check the guest's key and accept it once, as root on the host: ssh {destination} true"
            : $"try it as root on the host, without a password: ssh -o BatchMode=yes {destination} true",
            endpoint.Vm.ToString());
}

/// <summary>Where SSH finds a guest.</summary>
internal static class SshGuestDestination
{
    private const int MaxLength = 255;

    /// <summary>The destination, which ssh takes for nothing else.</summary>
    /// <exception cref="InvalidRequestException">It cannot be one.</exception>
    public static string Check(GuestEndpoint endpoint)
    {
        var text = WithUser(endpoint);
        return text.Length is > 0 and <= MaxLength && text[0] is not ('-' or '@') && text.All(IsPlain)
            && text.Count(c => c == '@') <= 1 && !text.Contains("@-", StringComparison.Ordinal)
            ? text
            : throw new InvalidRequestException(
                ErrorIds.InvalidGuestAddress,
                $"'{text}' is not an address at which {endpoint.Label} can be reached over SSH",
                "provide user and host, as ssh takes them: -GuestAddress root@10.0.0.5", text);
    }

    private static string WithUser(GuestEndpoint endpoint)
    {
        var text = endpoint.Destination?.Trim() ?? "";
        if (endpoint.Login is not { } login)
        {
            return text;
        }

        var at = text.IndexOf('@', StringComparison.Ordinal);
        return at < 0 ? $"{login.User}@{text}" : text[..at] == login.User ? text : throw new InvalidRequestException(
            ErrorIds.CredentialUnusable,
            $"{endpoint.Label} is named with the user {text[..at]}, and the credential is for {login.User}",
            $"name the user once: -GuestAddress {text[(at + 1)..]}", text);
    }

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c)
        || c is '.' or '-' or '_' or '@' or ':' or '%' or '[' or ']';
}

/// <summary>The child's part of a login to a guest with a password: answers what the OpenSSH client asks for.</summary>
/// <remarks>
/// Source: ssh(1), SSH_ASKPASS and SSH_ASKPASS_REQUIRE (OpenSSH 8.4 and newer): the question is the program's only
/// argument, and the answer is its first line. The password travels in the environment, which on Linux only the same
/// user and root can read; a command line shows to all.
/// </remarks>
public static class AskPassCommand
{
    /// <summary>The variable that holds the password, and that makes this program answer.</summary>
    public const string Variable = "VGPUPS_ASKPASS";

    /// <summary>What every question for a password has in it.</summary>
    public const string Question = "assword";

    /// <summary>Answers, where this process was started for that.</summary>
    /// <returns>0 with the answer written, 1 for any other question; null where this process has other work.</returns>
    public static int? TryRun(IReadOnlyList<string> arguments, TextWriter output)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } password)
        {
            return null;
        }

        if (arguments is not [var question] || !question.Contains(Question, StringComparison.Ordinal))
        {
            return 1;
        }

        output.WriteLine(password);
        return 0;
    }
}
