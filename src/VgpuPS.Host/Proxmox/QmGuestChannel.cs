using VgpuPS.Core.Guests;
using VgpuPS.Host.Ssh;

namespace VgpuPS.Host.Proxmox;

/// <summary>A guest through its QEMU guest agent: <c>qm guest exec</c> and <c>qm guest cmd</c>.</summary>
/// <param name="endpoint">The guest.</param>
/// <param name="processes">Runs the program.</param>
/// <param name="clock">Clock of the wait for a program in the guest.</param>
/// <remarks>
/// Source: facts/proxmox.md (g): the guest program's exit code is in the JSON alone; after qm's time-out the answer is
/// only a pid and qm still ends with 0; standard input takes 1 MiB.
/// </remarks>
internal sealed class QmGuestChannel(GuestEndpoint endpoint, IProcessRunner processes, TimeProvider clock)
    : IGuestChannel
{
    private const string PidMember = "pid";

    // qm holds a connection of the agent while it waits; what takes longer is requested again.
    private static readonly TimeSpan s_maxWait = TimeSpan.FromSeconds(30);

    // Beside what the guest's program takes: qm's own start and the agent's handshake.
    private static readonly TimeSpan s_margin = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);

    public int InputLimit => 1024 * 1024;

    public async Task<GuestSystem> GetSystemAsync(CancellationToken cancellationToken)
    {
        var output = await RunQmAsync(
            ["guest", "cmd", endpoint.Vm.ToString(), "get-osinfo"], "", s_maxWait, "get-osinfo", cancellationToken)
            .ConfigureAwait(false);
        using var reply = QmGuestReply.Read(endpoint, "get-osinfo", output);
        var id = reply.Text("id");
        var name = endpoint.CleanLine(reply.Text("pretty-name") ?? reply.Text("name") ?? id ?? "an unnamed system");
        return new GuestSystem(
            id == "mswindows" || name.Contains("Windows", StringComparison.OrdinalIgnoreCase), name);
    }

    public async Task<GuestResult> RunAsync(GuestCommand command, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var wait = command.Deadline < s_maxWait ? command.Deadline : s_maxWait;
        var seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        string[] input = command.Input.Length == 0 ? [] : ["--pass-stdin", "1"];
        var output = await RunQmAsync(
            ["guest", "exec", endpoint.Vm.ToString(), "--timeout", seconds, .. input, "--", command.Program,
                .. command.Arguments],
            command.Input, wait, command.Text, cancellationToken).ConfigureAwait(false);
        int pid;
        using (var first = QmGuestReply.Read(endpoint, command.Text, output))
        {
            if (first.Result is { } result)
            {
                return result;
            }

            pid = first.Number(PidMember) ?? throw first.Unreadable("it has neither an exit status nor a pid");
        }

        return await PollAsync(command, pid, started, cancellationToken).ConfigureAwait(false);
    }

    // The program goes on in the guest, and the agent keeps its end until it is requested.
    private async Task<GuestResult> PollAsync(
        GuestCommand command, int pid, long started, CancellationToken cancellationToken)
    {
        var number = pid.ToString(CultureInfo.InvariantCulture);
        while (clock.GetElapsedTime(started) < command.Deadline)
        {
            await Task.Delay(s_pause, clock, cancellationToken).ConfigureAwait(false);
            var output = await RunQmAsync(
                ["guest", "exec-status", endpoint.Vm.ToString(), number], "", s_maxWait, command.Text,
                cancellationToken)
                .ConfigureAwait(false);
            using var reply = QmGuestReply.Read(endpoint, command.Text, output);
            if (reply.Result is { } result)
            {
                return result;
            }
        }

        throw new HostTimeoutException(
            ErrorIds.Timeout,
            string.Create(CultureInfo.InvariantCulture,
                $"{command.Program} in {endpoint.Label} had not ended after {command.Deadline.TotalSeconds:0} s (pid "
                    + $"{pid} in the guest)"),
            $"see whether it still runs: qm guest exec-status {endpoint.Vm} {pid}", endpoint.Vm.ToString());
    }

    private async Task<string> RunQmAsync(
        IReadOnlyList<string> arguments, string input, TimeSpan wait, string what, CancellationToken cancellationToken)
    {
        var request = new ProcessRequest(QmConfigWriter.Tool, arguments, wait + s_margin)
        {
            Input = input,
            Environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["LC_ALL"] = "C" },
        };
        var result = await processes.RunAsync(request, cancellationToken).ConfigureAwait(false);
        return result.ExitCode == 0 ? result.Output : throw QmGuestErrors.For(endpoint, what, result, wait + s_margin);
    }
}

/// <summary>Opens ways into guests: through Proxmox's guest agent, or with the host's OpenSSH client.</summary>
/// <param name="processes">Runs the programs.</param>
/// <param name="clock">Clock of waits.</param>
/// <param name="askPass">A program that answers <see cref="AskPassCommand"/>; null for the installed one.</param>
public sealed class GuestChannels(IProcessRunner processes, TimeProvider clock, string? askPass = null)
{
    /// <summary>Opens one; whether the guest answers shows at its first use.</summary>
    /// <exception cref="InvalidRequestException">The destination cannot be one.</exception>
    public IGuestChannel Open(GuestEndpoint endpoint) => endpoint.Transport == GuestVia.Agent
        ? new QmGuestChannel(endpoint, processes, clock)
        : new SshGuestChannel(
            endpoint, SshGuestDestination.Check(endpoint), processes, askPass ?? HookVolume.InstalledPath);
}
