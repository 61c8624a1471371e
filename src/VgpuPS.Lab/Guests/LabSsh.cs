using VgpuPS.Host.Ssh;
using VgpuPS.Lab.Files;

namespace VgpuPS.Lab.Guests;

/// <summary>The program <c>ssh</c>, as far as it leads into simulated guests: by the VM's name, with or without a
/// user.</summary>
/// <remarks>Source: ssh(1) for 255; its words where nothing answers: OpenSSH 9.2.</remarks>
internal static class LabSsh
{
    public const string Path = "/usr/bin/ssh";

    private const int OwnFailure = 255;
    private const int NotStarted = 126;
    private const int NoSuchProgram = 127;

    private const int SignalBase = 128;

    private static readonly TimeSpan s_forever = TimeSpan.FromDays(1);

    /// <summary>Runs a program in a guest, to its end or to its caller's deadline.</summary>
    /// <remarks>Source: ssh(1); sshd(8): a program whose caller is gone goes on until it prints, and ours does so at
    /// its next sample (assumed: at once).</remarks>
    public static ProcessResult Run(
        LabHost host, ProcessRequest request, Func<VmId, string?> nameOf, CancellationToken cancellationToken)
    {
        var (result, guest, program) = host.With(state => Begin(host, state, request, nameOf));
        if (guest is null || program is null)
        {
            return result;
        }

        try
        {
            host.Clock.SleepUntil(
                state => Find(state, guest, program)?.IsWorking != true,
                request.Deadline < TimeSpan.Zero ? s_forever : request.Deadline, cancellationToken);
            return host.With(state => End(state, request, guest, program));
        }
        finally
        {
            host.Edit(state => state.Guests.Find(g => g.Vm == guest)?.Programs.RemoveAll(p => p.Pid == program));
        }
    }

    private static LabGuestProgram? Find(LabState state, int? vm, int? pid) =>
        state.Guests.Find(g => g.Vm == vm)?.Programs.Find(p => p.Pid == pid);

    private static ProcessResult End(LabState state, ProcessRequest request, int? vm, int? pid)
    {
        var destination = request.Arguments[request.Arguments.ToList().IndexOf("--") + 1];
        return Find(state, vm, pid) is not { Work: { } work } program
                ? Fail(OwnFailure, $"client_loop: send disconnect: Broken pipe\nConnection to {destination} closed.")
            : program.IsWorking ? new ProcessResult(null, null, true, 0, "", "")
            : new ProcessResult(
                work.ExitCode ?? SignalBase + work.Signal, null, false, 0, work.Output, work.Error);
    }

    private static (ProcessResult Result, int? Guest, int? Program) Begin(
        LabHost host, LabState state, ProcessRequest request, Func<VmId, string?> nameOf)
    {
        var at = request.Arguments.ToList().IndexOf("--");
        var destination = request.Arguments[at + 1];
        var name = destination[(destination.IndexOf('@', StringComparison.Ordinal) + 1)..];
        var guest = state.Guests.Find(
            g => string.Equals(nameOf(new VmId(g.Vm)), name, StringComparison.OrdinalIgnoreCase));
        var problem = guest is null ? $"ssh: Could not resolve hostname {name}: Name or service not known"
            : guest.IsDead ? $"ssh: connect to host {name} port 22: Connection timed out"
            : !guest.SshRuns || guest.BootedAtNs > state.MonotonicNs
                || state.Processes.Find(p => p.Vm == guest.Vm) is null
                ? $"ssh: connect to host {name} port 22: Connection refused"
            : Refuse(guest, request) is { } refusal ? $"{destination}: {refusal}" : null;
        if (problem is not null)
        {
            return (Fail(OwnFailure, problem), null, null);
        }

        var words = Split(request.Arguments[at + 2]);
        var (answer, _) = LabGuestAgent.Execute(host, guest!, words[0], [.. words.Skip(1)], request.Input);
        var result = answer.IsMissing ? Fail(NoSuchProgram, $"sh: 1: {words[0]}: not found")
            : answer.StartError is { } why ? Fail(NotStarted, $"sh: 1: {words[0]}: {why}")
            : guest!.BootedAtNs > state.MonotonicNs ? Fail(OwnFailure, $"Connection to {name} closed by remote host.")
            : new ProcessResult(
                answer.Signal is { } signal ? SignalBase + signal : answer.Code, null, false, 0, answer.Output,
                answer.Error);
        return (result, guest!.Vm,
            answer.Work is { } work ? LabGuestTools.Begin(host, guest, work).Pid : null);
    }

    /// <summary>Answers a program that ssh asks for a password, where that is what a program is started for.</summary>
    public static ProcessResult? Ask(LabHost host, ProcessRequest request) =>
        request.FileName == HookVolume.InstalledPath && request.Environment.ContainsKey(AskPassCommand.Variable)
            ? LabTree.Find(host.State, request.FileName) is null
                ? new ProcessResult(null, null, false, Errno.ENOENT, "", "")
                : new ProcessResult(0, null, false, 0, request.Environment[AskPassCommand.Variable] + "\n", "")
            : null;

    /// <remarks>
    /// Source: ssh_config(5): BatchMode asks for nothing, PreferredAuthentications limits the methods; sshd reports
    /// what it takes.
    /// A guest with a password has no key of the host's root: assumed.
    /// </remarks>
    private static string? Refuse(LabGuest guest, ProcessRequest request)
    {
        var allowed = request.Arguments.FirstOrDefault(
            a => a.StartsWith("PreferredAuthentications=", StringComparison.Ordinal))
            ?.Split('=')[1].Split(',');
        var canKey = guest.SshPassword is null && (allowed?.Contains("publickey") ?? true)
            && !request.Arguments.Contains("PubkeyAuthentication=no");
        var secret = request.Arguments.Contains("BatchMode=no")
            && request.Environment.GetValueOrDefault("SSH_ASKPASS_REQUIRE") == "force"
            ? request.Environment.GetValueOrDefault(AskPassCommand.Variable) : null;
        var canAnswer = guest.SshPassword is { } password && secret == password
            && (allowed?.Contains("password") ?? true);
        return canKey || canAnswer ? null
            : $"Permission denied ({(guest.SshPassword is null ? "publickey" : "publickey,password")}).";
    }

    // What a POSIX shell makes of words in single quotes and of plain ones.
    private static List<string> Split(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (isQuoted, isBegun) = (false, false);
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '\'')
            {
                (isQuoted, isBegun) = (!isQuoted, true);
            }
            else if (line[i] == ' ' && !isQuoted)
            {
                if (isBegun)
                {
                    words.Add(word.ToString());
                }

                word.Clear();
                isBegun = false;
            }
            else
            {
                i += line[i] == '\\' && !isQuoted ? 1 : 0;
                word.Append(line[i]);
                isBegun = true;
            }
        }

        words.Add(word.ToString());
        return words;
    }

    private static ProcessResult Fail(int code, string error) => new(code, null, false, 0, "", error + "\n");
}
