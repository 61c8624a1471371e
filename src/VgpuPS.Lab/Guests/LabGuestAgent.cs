using System.Text.Json;

namespace VgpuPS.Lab.Guests;

/// <summary><c>qm guest</c> and the guest agents behind it.</summary>
/// <remarks>
/// Source: facts/proxmox.md (g) for commands, JSON and the time-out answer; the refusals' texts as users report them
/// (BassT23/Proxmox#256 and others). Assumed: the text of a stopped VM, a boot of 20 s, the limit's text.
/// </remarks>
internal sealed class LabGuestAgent(LabHost host)
{
    private const int Failed = 255;
    private const int InputLimit = 1024 * 1024;
    private const long Second = 1_000_000_000;
    private const long BootTime = 20 * Second;

    /// <summary>Restarts a guest: its agent is away until it has booted.</summary>
    public static void Reboot(LabHost host, LabGuest guest)
    {
        guest.BootedAtNs = host.State.MonotonicNs + BootTime;
        guest.BootCount++;
        guest.Driver = guest.InstalledDriver ?? guest.Driver;
        guest.Programs.Clear();
        guest.Runs.Clear();
        foreach (var path in guest.Files.Keys.Where(k => k.StartsWith("/run/", StringComparison.Ordinal)).ToList())
        {
            guest.Files.Remove(path);
        }

        if (guest.Driver is not null)
        {
            LabGridd.Restart(host, guest);
        }

        host.Change();
    }

    /// <summary>Runs <c>qm guest</c> with the words after it.</summary>
    public ProcessResult Run(
        VmId vm, VmConfig? config, string[] words, string input, CancellationToken cancellationToken)
    {
        // What takes time is waited for with the machine free for others.
        var (answer, pid, wait) = host.With(state => Begin(state, vm, config, words, input));
        if (pid is null)
        {
            return answer;
        }

        if (host.With(state => FindProgram(state, vm, pid.Value)?.Work is null))
        {
            host.Clock.Sleep(wait);
        }
        else
        {
            host.Clock.SleepUntil(
                state => Refuse(state, vm, config, words, input) is not null
                    || FindProgram(state, vm, pid.Value)?.IsWorking != true,
                wait, cancellationToken);
        }

        return host.With(state => Refuse(state, vm, config, words, input) is { } refusal
            ? Fail(refusal) : End(state, vm, pid.Value));
    }

    private static LabGuestProgram? FindProgram(LabState state, VmId vm, int pid) =>
        state.Guests.Find(g => g.Vm == vm.Value)?.Programs.Find(p => p.Pid == pid);

    /// <summary>Runs a program in a guest; its answer, and how long it takes.</summary>
    public static (LabGuestAnswer Answer, double Seconds) Execute(
        LabHost host, LabGuest guest, string program, string[] words, string input)
    {
        if (guest.RestartsAfter is { } left)
        {
            guest.RestartsAfter = left > 1 ? left - 1 : null;
            if (left <= 1)
            {
                Reboot(host, guest);
            }
        }

        var answer = guest.IsWindows
            ? new LabWindowsGuest(host, guest).Run(program, words, input)
            : new LabLinuxGuest(host, guest).Run(program, words, input);
        return (answer, guest.SlowPrograms.GetValueOrDefault(program));
    }

    private (ProcessResult Answer, int? Pid, TimeSpan Wait) Begin(
        LabState state, VmId vm, VmConfig? config, string[] words, string input)
    {
        if (Refuse(state, vm, config, words, input) is { } refusal)
        {
            return (Fail(refusal), null, default);
        }

        var guest = state.Guests.Find(g => g.Vm == vm.Value)!;
        return words switch
        {
            ["cmd", "ping"] => (Say("{}\n"), null, default),
            ["cmd", "get-osinfo"] => (Say(
                $"{{\n   \"id\" : \"{guest.System}\",\n   \"name\" : \"{guest.PrettyName}\",\n   \"pretty-name\" : "
                    + $"\"{guest.PrettyName}\"\n}}\n"),
                null, default),
            ["exec-status", var pid] => (Status(state, guest, pid), null, default),
            ["exec", .. var rest] => Exec(state, guest, rest, input),
            _ => (Fail("400 not enough arguments"), null, default),
        };
    }

    private static string? Refuse(
        LabState state, VmId vm, VmConfig? config, string[] words, string input)
    {
        if (config is null)
        {
            return $"Configuration file 'nodes/{state.Setup.Node}/qemu-server/{vm}.conf' does not exist";
        }

        if (state.Processes.Find(p => p.Vm == vm.Value) is null)
        {
            return $"VM {vm} is not running";
        }

        if (!GuestAgentSetting.IsEnabled(config.Main["agent"]))
        {
            return "No QEMU guest agent configured";
        }

        var guest = state.Guests.Find(g => g.Vm == vm.Value);
        return guest is null || !guest.AgentRuns || guest.IsDead || guest.BootedAtNs > state.MonotonicNs
            ? "QEMU guest agent is not running"
            : guest.ExecIsBlocked && words[0] == "exec"
                ? "Agent error: Command guest-exec has been disabled: the command is not allowed"
            : input.Length > InputLimit ? "input is larger than 1 MiB" : null;
    }

    private (ProcessResult, int?, TimeSpan) Exec(
        LabState state, LabGuest guest, string[] words, string input)
    {
        var at = Array.IndexOf(words, "--");
        if (at < 0 || at + 1 >= words.Length)
        {
            return (Fail("400 not enough arguments\nqm guest exec <vmid> [<extra-args>] [OPTIONS]"), null, default);
        }

        var options = words.Take(at).ToList();
        var program = words[at + 1];
        var passes = options.IndexOf("--pass-stdin") is >= 0 and var place && options[place + 1] == "1";
        var (answer, seconds) = Execute(host, guest, program, [.. words.Skip(at + 2)], passes ? input : "");
        if (answer.StartError is { } why)
        {
            return (Fail(
                $"Agent error: Guest command failed: Failed to execute child process “{program}” ({why})"), null,
                default);
        }

        if (guest.BootedAtNs > state.MonotonicNs)
        {
            return (Fail("QEMU guest agent is not running"), null, default);
        }

        var json = answer.ToJson(guest.TruncatesOutput && answer.Output.Length > 64);
        if (seconds <= 0 && answer.Work is null)
        {
            return (Say(json), null, default);
        }

        var timeout = options.IndexOf("--timeout") is >= 0 and var where
            ? double.Parse(options[where + 1], CultureInfo.InvariantCulture) : 30;
        var pid = answer.Work is { } work ? LabGuestTools.Begin(host, guest, work).Pid : ++guest.LastPid;
        if (answer.Work is null)
        {
            guest.Programs.Add(new LabGuestProgram
            {
                Pid = pid,
                EndsAtNs = state.MonotonicNs + (long)(seconds * Second),
                Answer = json,
            });
        }

        host.Change();
        return (Say(""), pid, TimeSpan.FromSeconds(answer.Work is null ? Math.Min(seconds, timeout) : timeout));
    }

    private static ProcessResult End(LabState state, VmId vm, int pid)
    {
        var program = FindProgram(state, vm, pid);
        return program is null ? Fail("QEMU guest agent is not running")
            : program.EndsAtNs <= state.MonotonicNs ? Say(AnswerOf(state, program))
            : new ProcessResult(
                0, null, false, 0, $"{{\n   \"pid\" : {pid}\n}}\n", "timeout reached, returning pid\n");
    }

    private static ProcessResult Status(LabState state, LabGuest guest, string pid)
    {
        var program = guest.Programs.Find(p => p.Pid.ToString(CultureInfo.InvariantCulture) == pid);
        return program is null ? Fail($"Agent error: Invalid parameter 'pid'")
            : Say(program.EndsAtNs <= state.MonotonicNs ? AnswerOf(state, program) : "{\n   \"exited\" : 0\n}\n");
    }

    // An agent hands out once how a program ended, and forgets it then.
    private static string AnswerOf(LabState state, LabGuestProgram program)
    {
        if (program.Work is not null)
        {
            state.Guests.ForEach(g => g.Programs.Remove(program));
        }

        return program.Answer;
    }

    private static ProcessResult Say(string output) => new(0, null, false, 0, output, "");

    private static ProcessResult Fail(string error) => new(Failed, null, false, 0, "", error + "\n");
}

/// <summary>How a program ended in a guest, and how <c>qm guest exec</c> prints it.</summary>
/// <remarks>Source: facts/proxmox.md (g): pretty JSON; members sorted as Perl's canonical writer does
/// (assumed).</remarks>
internal sealed record LabGuestAnswer(int Code, string Output = "", string Error = "")
{
    public static LabGuestAnswer Missing { get; } = new(127) { StartError = "No such file or directory" };

    public bool IsMissing => ReferenceEquals(this, Missing);

    /// <summary>Why the program could not be started; null where it was.</summary>
    public string? StartError { get; init; }

    /// <summary>The signal that ended it; null for none.</summary>
    public int? Signal { get; init; }

    /// <summary>What it begins to do, where it goes on; null where it has ended.</summary>
    public LabGuestWork? Work { get; init; }

    public string ToJson(bool isTruncated)
    {
        var text = new StringBuilder("{\n");
        var output = isTruncated ? Output[..(Output.Length / 2)] : Output;
        if (Error.Length > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"   \"err-data\" : \"{JsonEncodedText.Encode(Error)}\",\n");
        }

        text.Append(Signal is null
            ? string.Create(CultureInfo.InvariantCulture, $"   \"exitcode\" : {Code},\n") : "");
        text.Append("   \"exited\" : 1");
        if (output.Length > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $",\n   \"out-data\" : \"{JsonEncodedText.Encode(output)}\"");
        }

        text.Append(isTruncated ? ",\n   \"out-truncated\" : 1" : "");
        text.Append(Signal is { } signal
            ? string.Create(CultureInfo.InvariantCulture, $",\n   \"signal\" : {signal}") : "");
        return text.Append("\n}\n").ToString();
    }
}
