using VgpuPS.Core.Platform;

namespace VgpuPS.Host.Operations.Setup;

/// <summary>The part about the boot: kernel command line, what keeps the driver from its GPUs, restarts.</summary>
internal sealed partial class PreparationPlanner
{
    private static readonly IReadOnlyList<string> s_noWords = [];

    /// <summary>
    /// What the boot loader has now, where that was requested; null where it was not, or cannot be read.
    /// </summary>
    public IReadOnlyList<LoaderEntries>? Loader { get; set; }

    /// <summary>What a shell makes of GRUB's files with <see cref="DropIn"/>; null until it was asked.</summary>
    public GrubEvaluation? After { get; set; }

    /// <summary>Whether the files of the boot loader in effect are to be changed.</summary>
    public bool ChangesWords => Missing.Count + Changes.Count > 0;

    /// <summary>Words that the next kernel needs and does not get yet.</summary>
    public IReadOnlyList<string> Missing => [.. Needed()
        .Where(w => !KernelCommandLine.Has(_boot.ConfiguredWords.Where(c => !KernelCommandLine.IsOff(c)), w))];

    /// <summary>Words that the next kernel gets and must not.</summary>
    public IReadOnlyList<WordChange> Changes => DriverObstacles.FindChanges(_boot.ConfiguredWords, kept);

    /// <summary>Words of ours, and words that must be gone, as the boot loader's entry must have them.</summary>
    public LoaderExpectation Expected => new(
        null, [.. Needed()],
        [.. DriverObstacles.FindChanges(_boot.ConfiguredWords.Concat(GrubBase), kept).Select(c => c.Old)]);

    /// <summary>Text of our drop-in as it should be; null where none is needed.</summary>
    public string? DropIn
    {
        get
        {
            var others = _boot.GrubWithoutOurs.Value;
            return GrubDropIn.Make(
                [.. Needed()
                    .Where(w => !KernelCommandLine.Has(others.Words.Where(c => !KernelCommandLine.IsOff(c)), w))],
                DriverObstacles.FindChanges(others.Linux, kept), DriverObstacles.FindChanges(others.Default, kept));
        }
    }

    /// <summary>Text of systemd-boot's file as it should be.</summary>
    public string KernelText => KernelCommandLine.EditFirstLine(_boot.KernelText, _boot.Running, Missing, Changes);

    /// <summary>What the running kernel lacks or has too much; null where its words are right.</summary>
    public string? RunningProblem
    {
        get
        {
            var running = KernelCommandLine.Words(_boot.Running);
            return KernelCommandLine.IommuProblem(running, facts.Cpu.Value, _running)
                ?? (Needed().FirstOrDefault(w => !KernelCommandLine.Has(running, w)) is { } missing
                    ? $"{missing} is missing"
                    : DriverObstacles.FindChanges(running, kept) is [var left, ..] ? $"{left.Old} is there" : null);
        }
    }

    /// <summary>Whether the files are right and the loader, as far as it could be read, has other words.</summary>
    public string? LoaderProblem => ChangesWords ? null
        : Loader?.Select(l => l.FindDifference(MustBoot ? Target : null, Expected.Present, Expected.Absent))
            .FirstOrDefault(d => d is not null);

    /// <summary>Why a restart would not help: it has been tried; null where that is not so.</summary>
    /// <remarks>
    /// What decides about the boot is older than the boot and brought to the loader, and still another kernel or other
    /// words run: then the host boots from elsewhere.
    /// </remarks>
    public string? Tried
    {
        get
        {
            if (ChangesWords || LoaderProblem is not null)
            {
                return null;
            }

            if (RunningProblem is { } problem && _boot.RestartWasTried)
            {
                return $"{(_boot.Loader == BootLoader.Grub && _boot.DropInText is null
                    ? BootFacts.GrubPath : _boot.ConfiguredPath)}"
                    + $" is correct and older than the boot, and on the running kernel's command line {problem}";
            }

            if (facts.Modules.Value.Contains("nouveau") && NouveauIsOurs && _boot.IsOlderThanBoot(NouveauFile.Path)
                && !MustBoot)
            {
                return $"nouveau is blacklisted in {NouveauFile.Path} since before the boot, and is loaded";
            }

            return MustBoot && Target is { } kernel && _boot.PinnedKernel == kernel && _boot.NextBootKernel is null
                && _boot.IsOlderThanBoot(BootFacts.PinPath)
                ? $"kernel {kernel} is pinned since before the boot, and {_running} was booted"
                : null;
        }
    }

    /// <summary>The entry that should boot, for display.</summary>
    public string ExpectedEntry => (Loader?.Select(l => l.Find(Target)).FirstOrDefault(e => e is not null)
        ?? _boot.Entries?.Find(Target)) is { } entry
        ? $"'{entry.Title}', with {string.Join(' ', entry.Words)}"
        : $"that of kernel {Target ?? _boot.NextKernel}, with {string.Join(' ', _boot.ConfiguredWords)}";

    /// <summary>What keeps the driver from its GPUs.</summary>
    public IReadOnlyList<DriverObstacle> Obstacles => DriverObstacles.Find(facts, gpus, kept);

    private IReadOnlyList<string> GrubBase => _boot.Loader == BootLoader.SystemdBoot
        ? s_noWords : _boot.GrubWithoutOurs.Value.Words;

    private void AddCommandLine(List<ChangeStep> steps, List<string> reasons)
    {
        if (ChangesWords)
        {
            var expected = Expected;
            var (words, boot) = (Describe(), _boot);
            var (kernelText, dropIn) = (KernelText, DropIn);
            steps.Add(new ChangeStep(
                $"in {boot.ConfiguredPath} {words}, and run {boot.RefreshCommand}; kernel parameters: "
                    + $"{Quote(boot.ConfiguredWords)} before, "
                    + $"{Quote(AfterWords)} after",
                "setCommandLine", boot.ConfiguredPath,
                token => boot.Loader == BootLoader.SystemdBoot
                    ? host.SetCommandLineAsync(boot, kernelText, expected, token)
                    : host.SetGrubAsync(boot, dropIn, expected, token)));
        }
        else if (LoaderProblem is { } problem)
        {
            var (boot, expected) = (_boot, Expected);
            steps.Add(new ChangeStep(
                $"run {_boot.RefreshCommand}: {problem}", "refreshLoader", _boot.RefreshCommand,
                token => host.RefreshLoaderAsync(boot, expected, token)));
        }

        if (RunningProblem is not null)
        {
            reasons.Add("the kernel command line has changed");
        }
    }

    private IReadOnlyList<string> AfterWords => _boot.Loader == BootLoader.SystemdBoot
        ? KernelCommandLine.FirstLine(KernelText, "") : After?.Words ?? [];

    private string Describe() => string.Join(" and ", new[]
    {
        Missing.Count > 0 ? $"add {string.Join(' ', Missing)}" : "",
        Changes.Count > 0 ? $"remove {string.Join(", ", Changes.Select(c => c.Text + Variable(c.Old)))}" : "",
    }.Where(w => w.Length > 0));

    // Entries for recovery change as well where a word goes from this variable.
    private string Variable(string word) =>
        _boot.Loader != BootLoader.SystemdBoot && _boot.Grub.Value.Linux.Contains(word)
        ? $" from {GrubDropIn.Linux}" : "";

    private static string Quote(IReadOnlyList<string> words) => $"\"{string.Join(' ', words)}\"";

    private IEnumerable<string> Needed()
    {
        var needsIntel = KernelCommandLine.NeedsIntelWord(facts.Cpu.Value, Target ?? $"{Series}");
        return needsIntel
            ? [KernelCommandLine.IntelOn, KernelCommandLine.PassThrough] : [KernelCommandLine.PassThrough];
    }

    /// <summary>
    /// Takes lines out of files of module options that are plain and stand alone; names what is left for the admin.
    /// </summary>
    private void AddModuleOptions(List<ChangeStep> steps, List<string> reasons)
    {
        var found = Obstacles;
        var ours = found.Where(o => o is { IsOurs: true, Line: not null }).GroupBy(o => o.Place, StringComparer.Ordinal)
            .ToList();
        if (ours.Count > 0)
        {
            var texts = ours.ToDictionary(
                g => g.Key, g => DriverObstacles.TakeOut(facts.ModuleOptions.Value.First(f => f.Path == g.Key).Text,
                    [.. g.Select(o => o.Line!.Value)]), StringComparer.Ordinal);
            var what = string.Join(
                "; ", ours.Select(g => $"in {g.Key} comment out {string.Join(", ", g.Select(o => o.Text))}"));
            steps.Add(new ChangeStep(
                $"{char.ToUpperInvariant(what[0])}{what[1..]}; and run update-initramfs -u -k all", "takeOutOptions",
                ours[0].Key, token => host.WriteModuleOptionsAsync(texts, _boot.NextKernel, token)));
        }

        steps.AddRange(found.Where(o => !o.IsOurs).Select(o => new ChangeStep(
            $"by hand, before a restart: remove what keeps the driver from its GPU at each boot: {o.Description}",
            null)));
        if (ours.Count > 0 && !_driver.IsLoaded && !reasons.Contains("the kernel command line has changed"))
        {
            reasons.Add("the driver was kept from its GPUs at the last boot");
        }
    }

    private List<string> Warnings()
    {
        List<string> warnings = [.. Obstacles.Where(o => !o.IsOurs)
            .Select(o => "an obstacle that this command does not change keeps the driver from its GPU at each boot, "
                + $"remove it by hand: {o.Description}")];
        if (StepBack is { } kernel)
        {
            warnings.Add($"kernel {kernel} is older than {_running}: network interfaces may get other names, "
                + "and firmware or drivers of newer hardware may be missing; have console access ready"
                + (HasZfsRoot ? "; root is on ZFS, and a pool with features that its older ZFS does not know keeps the "
                    + "host from booting" : ""));
        }

        if (_boot is { Loader: BootLoader.Grub, GrubWasEdited: true } && (ChangesWords || _boot.DropInText is not null))
        {
            warnings.Add(
                $"{BootFacts.GrubPath} was edited by an earlier version and is left as it is; its original is "
                    + $"{BootFacts.GrubBackupPath}");
        }

        return warnings;
    }
}
