using System.Text;
using VgpuPS.Core.Platform;

namespace VgpuPS.Host.Platform;

public sealed partial class HostPlatform
{
    private const string Variables = "/sys/firmware/efi/efivars";
    private const string SecureBoot = Variables + "/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
    private const string LoaderInfo = Variables + "/LoaderInfo-4a67b082-0a4c-47f2-8ff9-8e6ba7ad6a73";
    private const int AttributeBytes = 4;
    private const string KernelFile = "vmlinuz-";

    // Files that decide about a boot.
    private static readonly string[] s_bootFiles =
    [
        BootFacts.GrubPath, BootFacts.GrubConfigPath, GrubDropIn.Path, BootFacts.KernelPath, BootFacts.PinPath,
        BootFacts.NextBootPinPath, NouveauFile.Path,
    ];

    private async Task<Fact<BootFacts>> ReadBootAsync(Fact<string> commandLine, CancellationToken cancellationToken)
    {
        var shell = new GrubShell(files, processes);
        var grub = await ReadGrubAsync(() => shell.ReadAsync(cancellationToken)).ConfigureAwait(false);
        var others = grub;
        if (Facts.Read(() => _reader.Exists(GrubDropIn.Path)) is not { IsRead: true, Value: false })
        {
            others = await ReadGrubAsync(() => shell.ReadWithAsync(null, cancellationToken)).ConfigureAwait(false);
        }

        return Facts.Read(() => ReadBoot(commandLine.Value, grub, others));
    }

    private static async Task<Fact<GrubEvaluation>> ReadGrubAsync(Func<Task<GrubEvaluation>> read)
    {
        try
        {
            var reading = await read().ConfigureAwait(false);
            return Facts.Read(() => reading);
        }
        catch (VgpuException failure)
        {
            return Facts.Unread<GrubEvaluation>(failure);
        }
    }

    private BootFacts ReadBoot(string commandLine, Fact<GrubEvaluation> grub, Fact<GrubEvaluation> others)
    {
        var partitions = PlatformReader.Lines(_reader.FindText("/etc/kernel/proxmox-boot-uuids") ?? "")
            .Select(l => l.Trim()).Where(l => l.Length > 0).ToList();
        var loader = FindLoader(commandLine);
        return new BootFacts
        {
            Loader = loader,
            SystemPartitions = partitions,
            IsSecureBoot = _reader.FindBytes(SecureBoot) is { Length: > AttributeBytes } value
                && value[AttributeBytes] == 1,
            Running = commandLine,
            Grub = grub,
            GrubWithoutOurs = others,
            DropInText = _reader.FindText(GrubDropIn.Path),
            GrubWasEdited = _reader.Exists(BootFacts.GrubBackupPath),
            Entries = loader == BootLoader.Grub && partitions.Count == 0 ? ReadEntries() : null,
            KernelText = _reader.FindText(BootFacts.KernelPath),
            PinnedKernel = FirstLine(BootFacts.PinPath),
            NextBootKernel = FirstLine(BootFacts.NextBootPinPath),
            Kernels =
            [
                .. _reader.List("/boot").Where(n => n.StartsWith(KernelFile, StringComparison.Ordinal))
                    .Select(n => n[KernelFile.Length..]).Order(Comparer<string>.Create(KernelRelease.CompareReleases)),
            ],
            StartedAt = ReadStart(),
            ChangedAt = s_bootFiles.Union(new GrubShell(files, processes).ListSources(), StringComparer.Ordinal)
                .Select(p => (Path: p, Info: _reader.Info(p))).Where(f => f.Info is not null)
                .ToDictionary(f => f.Path, f => f.Info!.Modified, StringComparer.Ordinal),
        };
    }

    private string? FirstLine(string path) => _reader.FindText(path)?.Split('\n')[0].Trim() is { Length: > 0 } line
        ? line : null;

    /// <summary>GRUB's configuration; null where it is not there, or only root may read it.</summary>
    private LoaderEntries? ReadEntries()
    {
        try
        {
            return _reader.FindText(BootFacts.GrubConfigPath) is { } text
                ? GrubConfig.Read(BootFacts.GrubConfigPath, text) : null;
        }
        catch (AccessDeniedException)
        {
            return null;
        }
    }

    /// <remarks>Source: proc(5), /proc/stat: btime, seconds since the Epoch at which the system was started.</remarks>
    private DateTimeOffset? ReadStart() => PlatformReader.Lines(_reader.FindText("/proc/stat") ?? "")
        .FirstOrDefault(l => l.StartsWith("btime ", StringComparison.Ordinal)) is { } line
        && long.TryParse(line["btime ".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    private BootLoader FindLoader(string commandLine)
    {
        var words = KernelCommandLine.Words(commandLine);
        if (words.Any(w => w.StartsWith("BOOT_IMAGE=", StringComparison.Ordinal)))
        {
            return BootLoader.Grub;
        }

        var info = _reader.FindBytes(LoaderInfo) is { Length: > AttributeBytes } value
            ? Encoding.Unicode.GetString(value.AsSpan(AttributeBytes)) : "";
        return info.StartsWith("systemd-boot", StringComparison.Ordinal)
            || words.Any(w => w.StartsWith(@"initrd=\EFI\", StringComparison.OrdinalIgnoreCase))
            ? BootLoader.SystemdBoot
            : BootLoader.Unknown;
    }
}
