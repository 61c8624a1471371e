using VgpuPS.Core.Platform;

namespace VgpuPS.Host.Platform;

public sealed partial class HostPlatform
{
    private const string SriovTemplate = "pve-nvidia-sriov@";

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    private static readonly string[] s_units =
        [HostUnits.Vgpud, HostUnits.VgpuManager, HostUnits.Boot, HostUnits.SweepTimer];

    private static readonly string[] s_unitFolders = ["/etc/systemd/system", "/usr/lib/systemd/system",
        "/lib/systemd/system"];

    private async Task<Fact<IReadOnlyList<string>>> ReadLogAsync(
        string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var result = await processes.RunAsync(new ProcessRequest(program, arguments, s_deadline), cancellationToken)
            .ConfigureAwait(false);
        return result.ExitCode == 0
            ? Facts.Read<IReadOnlyList<string>>(() => [.. PlatformReader.Lines(result.Output)])
            : Facts.Unread<IReadOnlyList<string>>(Failed(program, arguments, result));
    }

    private async Task<Fact<IReadOnlyList<string>>> ReadJournalsAsync(CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        foreach (var unit in (string[])[HostUnits.Vgpud, HostUnits.VgpuManager])
        {
            var journal = await ReadLogAsync(
                "/usr/bin/journalctl", ["-b", "-u", unit, "--no-pager", "-o", "cat", "-n", "200"], cancellationToken)
                .ConfigureAwait(false);
            if (!journal.IsRead)
            {
                return journal;
            }

            lines.AddRange(journal.Value);
        }

        return Facts.Read<IReadOnlyList<string>>(() => lines);
    }

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
