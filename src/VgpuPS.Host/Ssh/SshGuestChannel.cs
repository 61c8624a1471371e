using System.Globalization;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Ports;
using VgpuPS.Host.Seams;

namespace VgpuPS.Host.Ssh;

/// <summary>A guest over SSH, with the host's OpenSSH client and whatever its configuration says.</summary>
/// <param name="way">The guest.</param>
/// <param name="destination">Where it is, checked.</param>
/// <param name="processes">Runs the program.</param>
/// <remarks>
/// Source: ssh(1): 255 is ssh's own failure, any other exit code the remote program's; 127 is the shell's for a program that
/// is not there. Host keys are OpenSSH's business: nothing here weakens it. That a Windows guest's shell answers
/// <c>uname</c> with an error is assumed.
/// </remarks>
internal sealed class SshGuestChannel(GuestWay way, string destination, IProcessRunner processes) : IGuestChannel
{
    /// <summary>The program.</summary>
    public const string Tool = "/usr/bin/ssh";

    private const int OwnFailure = 255;
    private const int NoSuchProgram = 127;
    private const int KeptLines = 6;

    private static readonly TimeSpan s_margin = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_short = TimeSpan.FromSeconds(20);

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
        var request = new ProcessRequest(
            Tool,
            [
                "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=15", "-o", "ServerAliveInterval=15", "--", destination,
                PosixQuote.Join([command.Program, .. command.Arguments]),
            ],
            command.Deadline + s_margin)
        {
            Input = command.Input,
        };
        var result = await processes.RunAsync(request, cancellationToken).ConfigureAwait(false);
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
            ? throw Unreachable(way.LastLines(result.Error, KeptLines))
            : way.ToResult(result.ExitCode, null, result.Output, result.Error, false);
    }

    private HostNotReadyException Unreachable(string said) => new(
        ErrorIds.GuestUnreachable, $"{way.Label} cannot be reached over SSH at {destination}: {said}",
        said.Contains("Host key verification failed", StringComparison.Ordinal)
            ? $"Check the guest's key and accept it once, as root on the host: ssh {destination} true"
            : $"Try it as root on the host, without a password: ssh -o BatchMode=yes {destination} true", way.Vm.ToString());
}
