namespace VgpuPS.Lab.Guests;

/// <summary>Programs in a Linux guest that use the vGPU: how they are found, begin, end, and are ended.</summary>
/// <remarks>Source: execve(2): a file that is no program, for another machine or not whole; signal(7); kill(1) and
/// pkill(1) for their exit codes.</remarks>
internal static class LabGuestTools
{
    /// <summary>What the lab takes for our program: a file with this text, or any ELF file, wherever it lies.</summary>
    public const string BenchMark = "#!vgpu-bench\n";

    private const int Terminate = 15;
    private const int Interrupt = 2;
    private const int BusError = 7;

    /// <summary>Runs a program by path or name; null where it is none of these.</summary>
    public static LabGuestAnswer? Run(LabHost host, LabGuest guest, string program, string[] words)
    {
        if (guest.Files.TryGetValue(program, out var file))
        {
            return RefuseStart(guest, program, file) ?? LabBench.Run(host, guest, program, words);
        }

        var name = program[(program.LastIndexOf('/') + 1)..];
        return guest.CudaTools.Contains(name) && program.StartsWith('/') == program.StartsWith(
            "/usr/local/bin/", StringComparison.Ordinal) ? LabCudaTools.Run(host, guest, name, words)
            : (name, words) switch
            {
                ("kill", _) => Kill(host, guest, words),
                ("pkill" or "pgrep", _) => Search(host, guest, name == "pkill", words),
                _ => null,
            };
    }

    /// <summary>Begins what a program does.</summary>
    public static LabGuestProgram Begin(LabHost host, LabGuest guest, LabGuestWork work)
    {
        var program = new LabGuestProgram { Pid = ++guest.LastPid, EndsAtNs = long.MaxValue, Work = work };
        guest.Programs.Add(program);
        host.Change();
        return program;
    }

    /// <summary>Ends a program; what it printed is there then.</summary>
    public static void End(LabState state, LabGuest guest, LabGuestProgram program)
    {
        var work = program.Work!;
        var answer = work.Tool == LabBench.Name
            ? LabBench.End(state, guest, work) : LabCudaTools.End(state, guest, work);
        (work.ExitCode, work.Output, work.Error) =
            (answer.Signal is null ? answer.Code : null, answer.Output, answer.Error);
        program.EndsAtNs = state.MonotonicNs;
        program.Answer = answer.ToJson(isTruncated: false);
    }

    // Why the kernel does not start a file; null where it does.
    private static LabGuestAnswer? RefuseStart(LabGuest guest, string path, LabGuestFile file)
    {
        var mode = Convert.ToInt32(file.Mode, 8);
        if ((mode & 0b001_001_001) == 0 || guest.NoExecPaths.Any(p => path.StartsWith(p, StringComparison.Ordinal)))
        {
            return new LabGuestAnswer(126) { StartError = "Permission denied" };
        }

        var bytes = file.Content;
        return Encoding.ASCII.GetString(bytes) == BenchMark ? null
            : !LabElf.IsProgram(bytes) ? new LabGuestAnswer(126) { StartError = "Exec format error" }
            : LabElf.IsWhole(bytes) ? null
            : new LabGuestAnswer(0) { Signal = BusError };
    }

    private static LabGuestAnswer Kill(LabHost host, LabGuest guest, string[] words)
    {
        var (signal, rest) = ReadSignal(words);
        foreach (var word in rest.Where(w => w != "--"))
        {
            if (!int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                || guest.Programs.Find(p => p.Pid == pid && p.IsWorking) is not { } program)
            {
                return new LabGuestAnswer(1, "", $"kill: ({word}) - No such process\n");
            }

            Stop(host, guest, program, signal);
        }

        return new LabGuestAnswer(0);
    }

    private static LabGuestAnswer Search(LabHost host, LabGuest guest, bool kills, string[] words)
    {
        var (signal, rest) = ReadSignal(words);
        var isFull = rest.Exists(w => w.StartsWith('-') && w.Contains('f', StringComparison.Ordinal));
        var pattern = rest.LastOrDefault(w => !w.StartsWith('-')) ?? "";
        var found = guest.Programs.FindAll(p => p.IsWorking && Matches(p.Work!, isFull, pattern));
        if (kills)
        {
            found.ForEach(p => Stop(host, guest, p, signal));
        }

        return new LabGuestAnswer(
            found.Count > 0 ? 0 : 1,
            kills ? "" : string.Concat(found.Select(p => $"{p.Pid.ToString(CultureInfo.InvariantCulture)}\n")));
    }

    private static bool Matches(LabGuestWork work, bool isFull, string pattern) =>
        (isFull ? string.Join(' ', [work.Path, .. work.Arguments]) : work.Tool)
            .Contains(pattern.Trim('^', '$'), StringComparison.Ordinal);

    private static (int Signal, List<string> Words) ReadSignal(string[] words)
    {
        var signal = Terminate;
        var rest = words.ToList();
        if (rest is ["-s" or "--signal", var named, ..])
        {
            rest.RemoveRange(0, 2);
            return (NumberOf(named), rest);
        }

        if (rest.Count > 0 && rest[0].StartsWith('-') && NumberOf(rest[0][1..]) is > 0 and var number)
        {
            rest.RemoveAt(0);
            signal = number;
        }

        return (signal, rest);
    }

    private static int NumberOf(string signal) => signal.Replace("SIG", "", StringComparison.Ordinal) switch
    {
        "TERM" or "15" => Terminate,
        "INT" or "2" => Interrupt,
        "KILL" or "9" => 9,
        "HUP" or "1" => 1,
        _ => 0,
    };

    private static void Stop(LabHost host, LabGuest guest, LabGuestProgram program, int signal)
    {
        program.Work!.Signal = signal;
        End(host.State, guest, program);
        host.Change();
    }
}

/// <summary>ELF files, as far as a kernel looks at them.</summary>
/// <remarks>Source: elf(5): e_ident, e_machine (62 is x86-64), e_shoff, e_shentsize, e_shnum; a part that is missing
/// ends the program by SIGBUS when it is touched (mmap(2)).</remarks>
internal static class LabElf
{
    private const int HeaderLength = 64;
    private const ushort Amd64 = 62;

    public static bool IsProgram(ReadOnlySpan<byte> file) =>
        file.Length >= HeaderLength && file.StartsWith("\u007fELF"u8) && file[4] == 2
        && BitConverter.ToUInt16(file[18..]) == Amd64;

    public static bool IsWhole(ReadOnlySpan<byte> file)
    {
        var end = BitConverter.ToInt64(file[40..])
            + ((long)BitConverter.ToUInt16(file[58..]) * BitConverter.ToUInt16(file[60..]));
        return end >= 0 && end <= file.Length;
    }
}
