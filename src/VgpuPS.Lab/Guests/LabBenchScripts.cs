using VgpuPS.Core.Guests;

namespace VgpuPS.Lab.Guests;

/// <summary>What the scripts of a measurement do in a simulated guest: a program begins at a moment, nobody waits for
/// it, and what it printed is asked for later.</summary>
internal sealed class LabBenchScripts(LabHost host, LabGuest guest)
{
    private const string MemoryFolder = "/run/";
    private const int NotFound = 127;

    private readonly LabGuestDisk _disk = new(host, guest);

    /// <summary>Runs one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="words">Its arguments.</param>
    public LabGuestAnswer Run(string name, string[] words) => name switch
    {
        "bench-clear" => Clear(words),
        "bench-folder" => MakeFolder(words),
        "bench-program" => MakeProgram(words[0]),
        "bench-find" => Find(words.Skip(1 + int.Parse(words[0], CultureInfo.InvariantCulture))),
        "bench-begin" => Begin(words),
        "bench-fetch" => Fetch(words[0], int.Parse(words[1], CultureInfo.InvariantCulture)),
        _ => LabGuestAnswer.Missing,
    };

    private LabGuestAnswer Clear(string[] folders)
    {
        foreach (var folder in folders)
        {
            guest.Runs.RemoveAll(r => r.Folder == folder);
            guest.Programs.RemoveAll(p => p.Folder == folder);
            if (_disk.Remove(folder) is { } refusal)
            {
                return new LabGuestAnswer(1, "", refusal + "\n");
            }
        }

        host.Change();
        return new LabGuestAnswer(0);
    }

    // One in memory: a full disk does not keep it from being made.
    private LabGuestAnswer MakeFolder(string[] folders)
    {
        var folder = folders.FirstOrDefault(f => !Has(guest.NoExecPaths, f) && !Has(guest.ReadOnlyPaths, f)
            && (f.StartsWith(MemoryFolder, StringComparison.Ordinal) || !guest.DiskIsFull));
        return folder is not null ? new LabGuestAnswer(0, folder + "\n")
            : new LabGuestAnswer(1, "", $"mkdir: cannot create directory '{folders[^1]}': Permission denied\n");
    }

    private static bool Has(IEnumerable<string> paths, string folder) =>
        paths.Any(p => $"{folder}/".StartsWith(p, StringComparison.Ordinal));

    private LabGuestAnswer MakeProgram(string path)
    {
        if (_disk.Find(path) is not { } file)
        {
            return new LabGuestAnswer(1, "", $"chmod: cannot access '{path}': No such file or directory\n");
        }

        file.Mode = "700";
        host.Change();
        return new LabGuestAnswer(0);
    }

    private LabGuestAnswer Find(IEnumerable<string> names) =>
        names.FirstOrDefault(guest.CudaTools.Contains) is { } name
            ? new LabGuestAnswer(0, $"/usr/local/bin/{name}\n") : new LabGuestAnswer(GuestScript.NotThere);

    private LabGuestAnswer Begin(string[] words)
    {
        var (folder, moment, program) = (words[0], words[1], words[2]);
        var now = host.State.MonotonicNs;
        var delay = moment.Length == 0
            ? 0 : long.Parse(moment, CultureInfo.InvariantCulture) - GuestNow();
        guest.Runs.RemoveAll(r => r.Folder == folder);
        var run = new LabGuestRun { Folder = folder, BeganAtNs = now + Math.Max(0, delay) };
        guest.Runs.Add(run);
        host.Change();
        if (delay < -1_000_000_000)
        {
            (run.Code, run.Error) = (75, $"the start was {-delay / 1_000_000_000} s ago\n");
            return new LabGuestAnswer(0);
        }

        var answer = new LabLinuxGuest(host, guest).Run(program, words[3..], "");
        if (answer.Work is { } work)
        {
            work.ReadyAtNs += Math.Max(0, delay);
            work.BeginsAtNs += Math.Max(0, delay);
            var started = LabGuestTools.Begin(host, guest, work);
            (started.Folder, run.IsWork) = (folder, true);
            return new LabGuestAnswer(0);
        }

        (run.Code, run.Output, run.Error, run.EndedAtNs) = answer.StartError is { } why
            ? (answer.IsMissing ? NotFound : 126, "", $"sh: {program}: {why}\n", run.BeganAtNs)
            : (answer.Signal is { } signal ? 128 + signal : answer.Code, answer.Output, answer.Error, run.BeganAtNs);
        return new LabGuestAnswer(0);
    }

    private LabGuestAnswer Fetch(string folder, int most)
    {
        if (guest.Runs.Find(r => r.Folder == folder) is not { } run)
        {
            return new LabGuestAnswer(GuestScript.NotThere);
        }

        if (run.IsWork)
        {
            if (guest.Programs.Find(p => p.Folder == folder) is not { IsWorking: false } program)
            {
                return new LabGuestAnswer(BenchScripts.Running);
            }

            var work = program.Work!;
            (run.Code, run.Output, run.Error, run.EndedAtNs, run.IsWork) = (
                work.Signal is { } signal ? 128 + signal : work.ExitCode, work.Output, work.Error, program.EndsAtNs,
                false);
            guest.Programs.Remove(program);
            host.Change();
        }

        var output = run.Output.Length > most ? run.Output[^most..] : run.Output;
        var (from, to) = run.EndedAtNs is { } end ? (Moment(run.BeganAtNs), Moment(end)) : ("-", "-");
        return new LabGuestAnswer(0, $"{run.Code}\n{from}\n{to}\n{output}", run.Error);
    }

    private string Moment(long monotonicNs) =>
        (GuestNow() - (host.State.MonotonicNs - monotonicNs)).ToString(CultureInfo.InvariantCulture);

    // The guest's clock, in nanoseconds since 1970.
    private long GuestNow() => (LabGridd.GuestTime(host.State, guest).UtcTicks - DateTime.UnixEpoch.Ticks) * 100;
}

/// <summary>A program that was started in a folder without being waited for.</summary>
public sealed class LabGuestRun
{
    /// <summary>The folder.</summary>
    public string Folder { get; set; } = "";

    /// <summary>Whether it works on the vGPU, or did and was not asked for since.</summary>
    public bool IsWork { get; set; }

    /// <summary>When it began, on the machine's monotonic clock.</summary>
    public long BeganAtNs { get; set; }

    /// <summary>When it ended; null where it never began, or that is not known.</summary>
    public long? EndedAtNs { get; set; }

    /// <summary>Its exit code; null while that is not known.</summary>
    public int? Code { get; set; }

    /// <summary>Its standard output.</summary>
    public string Output { get; set; } = "";

    /// <summary>Its standard error.</summary>
    public string Error { get; set; } = "";
}
