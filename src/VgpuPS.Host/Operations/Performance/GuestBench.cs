using VgpuPS.Core.Guests;
using VgpuPS.Core.Performance;
using VgpuPS.Core.Text;
using VgpuPS.Host.Operations.Guests;

namespace VgpuPS.Host.Operations.Performance;

/// <summary><c>vgpu-bench</c> in a guest: brought there, asked, started, and removed with its folder.</summary>
internal sealed class GuestBench(HostPorts host, MeasuredVm vm)
{
    private const int ClockProbes = 5;
    private const int MaxOutput = 48 * 1024;
    private const int MaxPath = 200;

    // In memory where programs may run there, else on disk; a name that is always the same is found by the next run.
    private static readonly string[] s_folders = ["/run/vgpups", "/var/tmp/vgpups-bench"];

    private static readonly TimeSpan s_short = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(120);

    private string _folder = s_folders[0];

    /// <summary>The VM.</summary>
    public MeasuredVm Vm => vm;

    /// <summary>Whether it failed in a way that leaves nothing to be measured.</summary>
    public bool IsLost { get; set; }

    /// <summary>Whether anything of ours may be in the guest.</summary>
    public bool IsTouched { get; private set; }

    /// <summary>The device as the guest sees it; null before the program is there.</summary>
    public BenchDevice? Device { get; private set; }

    private RunningGuest Guest => vm.Os.Guest;

    private string Program => $"{_folder}/{BenchProgram.Name}";

    private string Target => vm.Id.ToString();

    /// <summary>Makes the folder; what an earlier run left is ended and removed before.</summary>
    public async Task MakeFolderAsync(CancellationToken cancellationToken)
    {
        await RemoveAsync(cancellationToken).ConfigureAwait(false);
        IsTouched = true;
        var made = await Guest.DoAsync(
            "making a folder for the program", BenchScripts.Folder, s_short, "", cancellationToken, s_folders)
            .ConfigureAwait(false);
        _folder = s_folders.Contains(made.Output.Trim()) ? made.Output.Trim() : throw new UnreadableDataException(
            ErrorIds.UnreadableData, $"{vm.Label} made a folder that was not asked for: {made.Output.Trim()}",
            $"look in the guest: ls -ld {string.Join(' ', s_folders)}", Target);
    }

    /// <summary>Steps that upload the program; the last one tries it.</summary>
    public IEnumerable<ChangeStep> Upload(FoundBench program)
    {
        var steps = new FileUploader(host.Payloads, vm.Os).Plan(program.Path, program.Size, Program).ToList();
        return
        [
            .. steps.SkipLast(1),
            new ChangeStep(steps[^1].Text, async token =>
            {
                await steps[^1].Run!(token).ConfigureAwait(false);
                await Guest.DoAsync(
                    "making it a program", BenchScripts.Program, s_short, "", token, Program).ConfigureAwait(false);
                Device = BenchOutput.ReadDevice(
                    await AskAsync("info", s_long, token).ConfigureAwait(false), vm.Label, Target);
            }),
        ];
    }

    /// <summary>Measures the guest's clock against the host's.</summary>
    /// <param name="isAlone">Whether no other guest has to begin at the same moment, so that once is enough.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<GuestClock> ReadClockAsync(bool isAlone, CancellationToken cancellationToken)
    {
        var probes = new List<ClockProbe>();
        for (var i = 0; i < (isAlone ? 1 : ClockProbes); i++)
        {
            var before = host.UnixSeconds;
            var text = await AskAsync("clock", s_short, cancellationToken).ConfigureAwait(false);
            var after = host.UnixSeconds;
            probes.Add(new ClockProbe(before, BenchOutput.ReadClock(text, vm.Label, Target), after));
        }

        return GuestClock.Of(probes);
    }

    /// <summary>Starts <c>vgpu-bench</c>, which itself waits for the moment.</summary>
    /// <param name="workload">The workload.</param>
    /// <param name="seconds">How long it measures.</param>
    /// <param name="interval">Length of a sample, in seconds.</param>
    /// <param name="start">The moment by the guest's clock, in seconds since 1970; null for when it is ready.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task BeginAsync(
        Workload workload, int seconds, double interval, double? start, CancellationToken cancellationToken) =>
        StartAsync(
            "", Program,
            [
                .. workload.BenchArguments, "--seconds", Text(seconds), "--interval", Text(interval),
                .. start is { } moment ? (string[])["--start-at", Text(moment)] : [],
            ], cancellationToken);

    /// <summary>Starts a program of the guest at a moment of its clock; null for now.</summary>
    public Task BeginAsync(string program, CudaTool tool, double? start, CancellationToken cancellationToken) =>
        StartAsync(
            start is { } moment
                ? ((decimal)Math.Round(moment, 6) * 1_000_000_000m).ToString("0", CultureInfo.InvariantCulture) : "",
            program, tool.Arguments, cancellationToken);

    /// <summary>The first of some programs that the guest has, and where.</summary>
    /// <exception cref="ObjectNotFoundException">It has none of them.</exception>
    public async Task<(CudaTool Tool, string Path)> FindAsync(
        IReadOnlyList<CudaTool> tools, CancellationToken cancellationToken)
    {
        var names = tools.Select(t => t.Program).ToList();
        var result = await Guest.RunAsync(
            BenchScripts.Find, s_short, "", cancellationToken,
            [Text(CudaTool.Folders.Count), .. CudaTool.Folders, .. names]).ConfigureAwait(false);
        var path = result.Output.Trim();
        if (result.ExitCode == GuestScript.NotThere)
        {
            throw new ObjectNotFoundException(
                ErrorIds.GuestProgramNotFound,
                $"{vm.Label} has no {string.Join(" and no ", names)}: neither in its search path nor in "
                    + string.Join(", ", CudaTool.Folders),
                "put it there (it is built from NVIDIA's sources with a CUDA toolkit), or measure with vgpu-bench: "
                    + "-Tool Builtin", Target);
        }

        var tool = tools.FirstOrDefault(t => path.EndsWith($"/{t.Program}", StringComparison.Ordinal));
        return result.Succeeded && tool is not null && path.Length <= MaxPath && path[0] == '/' && path.All(IsOfPath)
            ? (tool, path)
            : throw new UnreadableDataException(
                ErrorIds.UnreadableData, $"{vm.Label} says that a program is at '{VisibleText.Of(path)}'",
                $"look for it in the guest: which {names[0]}", Target);
    }

    /// <summary>What the program left that was started; null while it runs.</summary>
    /// <exception cref="VgpuException">The guest does not answer, or was restarted.</exception>
    public async Task<BenchEnd?> FetchAsync(CancellationToken cancellationToken)
    {
        var result = await Guest.RunAsync(
            BenchScripts.Fetch, s_short, "", cancellationToken, _folder, Text(MaxOutput)).ConfigureAwait(false);
        return result.ExitCode switch
        {
            BenchScripts.Running => null,
            GuestScript.NotThere => throw Restarted(_folder),
            _ when result.Succeeded => BenchEnd.Parse(result.Output, result.Error, vm.Label, Target),
            _ => throw Guest.Failure(
                "reading what the program printed", new(BenchScripts.Fetch.Name, [_folder], s_short), result),
        };
    }

    /// <summary>Keeps the guest's lock; where it is gone, so is the program.</summary>
    /// <exception cref="HostNotReadyException">The guest was restarted.</exception>
    public async Task KeepLockAsync(CancellationToken cancellationToken)
    {
        if (!await vm.Os.KeepLockAsync(cancellationToken).ConfigureAwait(false))
        {
            throw Restarted("the lock of this measurement");
        }
    }

    private HostNotReadyException Restarted(string missing) => new(
        ErrorIds.GuestRestarted, $"{vm.Label} no longer has {missing}: its guest was restarted while it was measured",
        $"see why, then measure again: qm guest exec {Target} -- last reboot", Target);

    /// <summary>Ends what runs in the guest and removes the folder, whichever it is.</summary>
    public Task RemoveAsync(CancellationToken cancellationToken) => Guest.DoAsync(
        "removing the program", BenchScripts.Clear, s_short, "", cancellationToken, s_folders);

    private async Task<string> AskAsync(string what, TimeSpan limit, CancellationToken cancellationToken)
    {
        var result = await Guest.Channel.RunAsync(new GuestCommand(Program, [what], limit), cancellationToken)
            .ConfigureAwait(false);
        return result.Succeeded ? result.Output
            : throw BenchFailures.Of(vm, BenchProgram.Name, result.ExitCode ?? 128 + result.Signal ?? 0, result.Error);
    }

    private Task StartAsync(
        string moment, string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        Guest.DoAsync(
            $"starting {program}", BenchScripts.Begin, s_short, "", cancellationToken,
            [_folder, moment, program, .. arguments]);

    private static bool IsOfPath(char c) => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_' or '+';

    private static string Text(double number) => number.ToString("0.######", CultureInfo.InvariantCulture);
}

/// <summary>How a program ended that was started in a guest.</summary>
/// <param name="Code">Its exit code.</param>
/// <param name="StartSeconds">When it began, in seconds since 1970 by the guest's clock; null where it did not.</param>
/// <param name="EndSeconds">When it ended; null where it did not begin.</param>
/// <param name="Output">The end of its standard output.</param>
/// <param name="Error">The end of its standard error.</param>
internal sealed record BenchEnd(int Code, double? StartSeconds, double? EndSeconds, string Output, string Error)
{
    /// <summary>Reads what <see cref="BenchScripts.Fetch"/> prints.</summary>
    public static BenchEnd Parse(string output, string error, string label, string target) =>
        output.Split('\n', 4) is [var code, var start, var end, var text]
        && int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new BenchEnd(number, Seconds(start), Seconds(end), text, error)
            : throw new UnreadableDataException(
                ErrorIds.BenchOutputUnusable, $"{label} does not say how the program ended: "
                    + VisibleText.Of(output[..Math.Min(80, output.Length)]),
                "measure again; the guest's disk or memory may be full: df -h /run /var/tmp", target);

    private static double? Seconds(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var nanoseconds)
            ? (double)(nanoseconds / 1_000_000_000m) : null;
}
