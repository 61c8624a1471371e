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
    private const int NoSuchProgram = 127;

    public static ProcessResult Run(LabHost host, ProcessRequest request, Func<VmId, string?> nameOf) =>
        host.With(state =>
    {
        var at = request.Arguments.ToList().IndexOf("--");
        var destination = request.Arguments[at + 1];
        var name = destination[(destination.IndexOf('@', StringComparison.Ordinal) + 1)..];
        var guest = state.Guests.Find(
            g => string.Equals(nameOf(new VmId(g.Vm)), name, StringComparison.OrdinalIgnoreCase));
        if (guest is null)
        {
            return Fail(OwnFailure, $"ssh: Could not resolve hostname {name}: Name or service not known");
        }

        if (!guest.SshRuns || guest.BootedAtNs > state.MonotonicNs
            || state.Processes.Find(p => p.Vm == guest.Vm) is null)
        {
            return Fail(OwnFailure, $"ssh: connect to host {name} port 22: Connection refused");
        }

        if (Refuse(guest, request) is { } refusal)
        {
            return Fail(OwnFailure, $"{destination}: {refusal}");
        }

        var words = Split(request.Arguments[at + 2]);
        var (answer, _) = LabGuestAgent.Execute(host, guest, words[0], [.. words.Skip(1)], request.Input);
        return answer.IsMissing ? Fail(NoSuchProgram, $"sh: 1: {words[0]}: not found")
            : guest.BootedAtNs > state.MonotonicNs ? Fail(OwnFailure, $"Connection to {name} closed by remote host.")
            : new ProcessResult(answer.Code, null, false, 0, answer.Output, answer.Error);
    });

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
