using VgpuPS.Core.Platform;

namespace VgpuPS.Host.Platform;

public sealed partial class HostPlatform
{
    private const string SriovTemplate = "pve-nvidia-sriov@";

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    private static readonly string[] s_daemons = [HostUnits.Vgpud, HostUnits.VgpuManager];

    private static readonly string[] s_units =
        [.. s_daemons, HostUnits.Boot, HostUnits.SweepTimer, HostUnits.Sweep, HostUnits.SriovPattern];

    // What is kept of a program's output is 64 KiB (IProcessRunner).
    private const int CutOutput = 60_000;

    private const string KernelPattern = "nvrm|nvidia|vgpu|sr-?iov|vfio|module";

    // Starts, failures and licences; what a busy host logs beside them would push them out.
    private const string ManagerPattern =
        "start|error|fail|incompatible|supported|uuid|guest nvidia|license state|daemon|exited|init";

    private static readonly string[] s_unitFolders = ["/etc/systemd/system", "/usr/lib/systemd/system",
        "/lib/systemd/system"];

    /// <summary>
    /// The kernel's own buffer; where it is longer than what is kept of a program's output, the journal's copy of what
    /// matters as well, so that a line of the boot is not lost behind later ones.
    /// </summary>
    private async Task<Fact<IReadOnlyList<LogLine>>> ReadKernelLogAsync(
        Fact<BootFacts> boot, CancellationToken cancellationToken)
    {
        var (lines, size) = await ReadAsync("/usr/bin/dmesg", [], cancellationToken).ConfigureAwait(false);
        var older = lines.IsRead && size > CutOutput
            ? await ReadJournalAsync(["-k", "-g", KernelPattern], cancellationToken).ConfigureAwait(false) : null;
        return Facts.Read<IReadOnlyList<LogLine>>(() =>
        [
            .. older is { IsRead: true } ? older.Value : [],
            .. HostLog.ParseKernel(lines.Value, boot.IsRead ? boot.Value.StartedAt : null),
        ]);
    }

    /// <summary>
    /// The newest lines of the kernel since the boot that hold a text, from the journal; from the kernel's own buffer
    /// where the journal cannot be asked.
    /// </summary>
    /// <param name="text">The text, without characters that a pattern knows.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<Fact<IReadOnlyList<LogLine>>> ReadKernelLinesAsync(
        string text, CancellationToken cancellationToken)
    {
        var journal = await ReadJournalAsync(["-k", "-g", text], cancellationToken).ConfigureAwait(false);
        if (journal.IsRead)
        {
            return journal;
        }

        var boot = await ReadBootAsync(
            Facts.Read<string>(() => _reader.Text("/proc/cmdline").Trim()), cancellationToken).ConfigureAwait(false);
        var (lines, _) = await ReadAsync("/usr/bin/dmesg", [], cancellationToken).ConfigureAwait(false);
        return Facts.Read<IReadOnlyList<LogLine>>(() =>
        [
            .. HostLog.ParseKernel(lines.Value, boot.IsRead ? boot.Value.StartedAt : null).Where(l => l.Has([text])),
        ]);
    }

    private async Task<Fact<IReadOnlyDictionary<string, IReadOnlyList<LogLine>>>> ReadJournalsAsync(
        IReadOnlyList<ServiceState> units, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, Fact<IReadOnlyList<LogLine>>>(StringComparer.Ordinal);
        var failed = units.Where(u => u.HasFailed).Select(u => u.Unit).ToList();
        foreach (var unit in s_daemons.Union(failed, StringComparer.Ordinal))
        {
            // Without a pattern where this journalctl was built without patterns.
            var journal = unit == HostUnits.VgpuManager && !failed.Contains(unit)
                ? await ReadJournalAsync(["-u", unit, "-g", ManagerPattern], cancellationToken).ConfigureAwait(false)
                : null;
            journal = journal is { IsRead: true }
                ? journal : await ReadJournalAsync(["-u", unit], cancellationToken).ConfigureAwait(false);
            found[unit] = journal;
        }

        return Facts.Read<IReadOnlyDictionary<string, IReadOnlyList<LogLine>>>(
            () => found.ToDictionary(j => j.Key, j => j.Value.Value, StringComparer.Ordinal));
    }

    private async Task<Fact<IReadOnlyList<LogLine>>> ReadJournalAsync(
        IReadOnlyList<string> which, CancellationToken cancellationToken)
    {
        var (lines, _) = await ReadAsync(
            "/usr/bin/journalctl", ["-b", .. which, "--no-pager", "-o", "short-unix", "-n", "2000"],
            cancellationToken).ConfigureAwait(false);
        return Facts.Read(() => HostLog.ParseJournal(lines.Value));
    }

    private async Task<(Fact<IReadOnlyList<string>> Lines, int Size)> ReadAsync(
        string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var result = await processes.RunAsync(new ProcessRequest(program, arguments, s_deadline), cancellationToken)
            .ConfigureAwait(false);
        return (IsDone(result)
            ? Facts.Read<IReadOnlyList<string>>(() => [.. PlatformReader.Lines(result.Output)])
            : Facts.Unread<IReadOnlyList<string>>(Failed(program, arguments, result)), result.Output.Length);
    }

    /// <remarks>Assumed: journalctl ends with 1 where a pattern matches nothing, as newer ones do.</remarks>
    private static bool IsDone(ProcessResult result) =>
        result.ExitCode == 0 || (result is { ExitCode: 1, Output: "" or "-- No entries --\n", Error: "" });

    /// <summary>Instances of Proxmox's unit that are enabled, unless a drop-in orders them before ours.</summary>
    private List<string> FindUnorderedUnits()
    {
        var enabled = _reader.List("/etc/systemd/system").Where(n => n.EndsWith(".wants", StringComparison.Ordinal))
            .SelectMany(w => _reader.List($"/etc/systemd/system/{w}"))
            .Where(n => n.StartsWith(SriovTemplate, StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal);
        var isOrdered = s_unitFolders.Select(f => $"{f}/{SriovTemplate}.service.d").Any(folder => _reader.List(folder)
            .Any(n => n.EndsWith(".conf", StringComparison.Ordinal)
                && PlatformReader.Lines(_reader.FindText($"{folder}/{n}") ?? "").Any(l =>
                    l.StartsWith("Before=", StringComparison.Ordinal)
                        && l.Contains(HostUnits.Boot, StringComparison.Ordinal))));
        return isOrdered ? [] : [.. enabled];
    }

    private static VgpuException Failed(string program, IReadOnlyList<string> arguments, ProcessResult result)
    {
        var command = string.Join(' ', arguments.Prepend(program[(program.LastIndexOf('/') + 1)..]));
        var error = PlatformReader.Lines(result.Error).FirstOrDefault() ?? "";
        return error.Contains("not permitted", StringComparison.OrdinalIgnoreCase)
            || error.Contains("permission", StringComparison.OrdinalIgnoreCase)
            ? new AccessDeniedException(ErrorIds.AccessDenied, $"{command}: {error}", "run the command as root: su -",
                command)
            : new HostCommandException(
                ErrorIds.HostCommandFailed,
                $"{command} {(result.StartErrno != 0
                    ? $"was not started: {Errno.Describe(result.StartErrno)}" : $"failed: {error}")}",
                $"see what it reports: {command}", command, result.ExitCode, result.Error, null);
    }
}
