using VgpuPS.Core.Platform;

namespace VgpuPS.Host.Platform;

/// <summary>Reads what the boot loader will really boot from: GRUB's configuration, or each managed system
/// partition.</summary>
/// <param name="files">The host's files.</param>
/// <param name="processes">Runs what looks into a partition.</param>
/// <remarks>
/// Source: facts/proxmox-reservations.md, GRUB 3; proxmox-kernel-helper 8.1: a partition is mounted for the time of a
/// refresh only, in a mount namespace of its own, as here; grub/grub.cfg and loader/ lie at its root.
/// </remarks>
internal sealed class LoaderPlaces(IHostFiles files, IProcessRunner processes)
{
    private const string Unshare = "/usr/bin/unshare";
    private const string MountPoint = "/mnt";
    private const string Grub = "grub/grub.cfg";

    // Each line with the name of its file. What is mounted goes with the namespace.
    private const string Look = """
        mount -o ro "$1" "$2" 2>/dev/null || mount "$1" "$2"
        cd "$2"
        grep -sH "" grub/grub.cfg loader/loader.conf loader/entries/*.conf || :
        """;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    /// <summary>Reads every place.</summary>
    /// <exception cref="VgpuException">One cannot be read; says which.</exception>
    public async Task<IReadOnlyList<LoaderEntries>> ReadAsync(BootFacts boot, CancellationToken cancellationToken)
    {
        if (!boot.IsManaged)
        {
            return [ReadGrub(BootFacts.GrubConfigPath)];
        }

        var places = new List<LoaderEntries>();
        foreach (var id in boot.SystemPartitions.Where(IsId))
        {
            places.Add(await ReadPartitionAsync(boot, id, cancellationToken).ConfigureAwait(false));
        }

        return places.Count > 0
            ? places : throw Unreadable("/etc/kernel/proxmox-boot-uuids", "it names no system partition");
    }

    /// <summary>Reads a configuration of GRUB's.</summary>
    public LoaderEntries ReadGrub(string path) => new PlatformReader(files).FindText(path) is { } text
        ? GrubConfig.Read(path, text) : throw Unreadable(path, "it is not there");

    private async Task<LoaderEntries> ReadPartitionAsync(BootFacts boot, string id, CancellationToken cancellationToken)
    {
        var place = $"system partition {id}";
        var result = await processes.RunAsync(
            new ProcessRequest(
                Unshare, ["--mount", "--propagation", "private", "/bin/sh", "-e", "-c", Look, "sh",
                    $"/dev/disk/by-uuid/{id}", MountPoint], s_limit),
            cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0)
        {
            throw Unreadable(
                place, result.StartErrno != 0 ? $"{Unshare} was not started: {Errno.Describe(result.StartErrno)}"
                : PlatformReader.Lines(result.Error).LastOrDefault() ?? "it cannot be mounted");
        }

        var found = PlatformReader.Lines(result.Output).Select(l => l.Split(':', 2)).Where(p => p.Length == 2)
            .GroupBy(p => p[0], StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => string.Join('\n', g.Select(p => p[1])), StringComparer.Ordinal);
        return boot.Loader == BootLoader.SystemdBoot
            ? SystemdBootEntries.Read(place, found)
            : GrubConfig.Read(place, found.GetValueOrDefault(Grub, ""));
    }

    // What is none the boot tool skips as well.
    private static bool IsId(string id) => id.Length == 9 && id[4] == '-'
        && id.Where((_, i) => i != 4).All(char.IsAsciiHexDigit);

    private static HostNotReadyException Unreadable(string place, string why) => new(
        ErrorIds.HostNotPrepared, $"what the host will boot cannot be read back: {place}: {why}",
        "see what the boot tool reports: proxmox-boot-tool status; ls -l /boot/grub/grub.cfg", place);
}
