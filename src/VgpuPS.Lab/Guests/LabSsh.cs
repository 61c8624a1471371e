using System.Text;
using VgpuPS.Core.Guests;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Machine;

namespace VgpuPS.Lab.Guests;

/// <summary>The program <c>ssh</c>, as far as it leads into simulated guests: by the VM's name, with or without a user.</summary>
/// <remarks>Source: ssh(1) for 255; its words where nothing answers: OpenSSH 9.2.</remarks>
internal static class LabSsh
{
    public const string Path = "/usr/bin/ssh";

    private const int OwnFailure = 255;
    private const int NoSuchProgram = 127;

    public static ProcessResult Run(LabHost host, ProcessRequest request, Func<VmId, string?> nameOf) => host.With(state =>
    {
        var at = request.Arguments.ToList().IndexOf("--");
        var destination = request.Arguments[at + 1];
        var name = destination[(destination.IndexOf('@', StringComparison.Ordinal) + 1)..];
        var guest = state.Guests.Find(g => string.Equals(nameOf(new VmId(g.Vm)), name, StringComparison.OrdinalIgnoreCase));
        if (guest is null)
        {
            return Fail(OwnFailure, $"ssh: Could not resolve hostname {name}: Name or service not known");
        }

        if (!guest.SshRuns || guest.BootedAtNs > state.MonotonicNs || state.Processes.Find(p => p.Vm == guest.Vm) is null)
        {
            return Fail(OwnFailure, $"ssh: connect to host {name} port 22: Connection refused");
        }

        var words = Split(request.Arguments[at + 2]);
        var (answer, _) = LabGuestAgent.Execute(host, guest, words[0], [.. words.Skip(1)], request.Input);
        return answer.IsMissing ? Fail(NoSuchProgram, $"sh: 1: {words[0]}: not found")
            : guest.BootedAtNs > state.MonotonicNs ? Fail(OwnFailure, $"Connection to {name} closed by remote host.")
            : new ProcessResult(answer.Code, null, false, 0, answer.Output, answer.Error);
    });

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
