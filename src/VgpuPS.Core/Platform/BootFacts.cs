namespace VgpuPS.Core.Platform;

/// <summary>How a host boots.</summary>
/// <remarks>
/// Source: facts/proxmox.md (h). Assumed: that the mark of what really booted is on the running command line
/// (<c>BOOT_IMAGE=</c> of GRUB, <c>initrd=\EFI\</c> of systemd-boot), or in the EFI variable LoaderInfo.
/// </remarks>
public sealed record BootFacts
{
    /// <summary>GRUB's own file, which is read and never written.</summary>
    public const string GrubPath = "/etc/default/grub";

    /// <summary>Beside GRUB's own file where an earlier version edited it.</summary>
    public const string GrubBackupPath = GrubPath + ".vgpups.bak";

    /// <summary>What GRUB boots from where no system partitions are managed.</summary>
    public const string GrubConfigPath = "/boot/grub/grub.cfg";

    /// <summary>systemd-boot's file, as Proxmox has it.</summary>
    public const string KernelPath = "/etc/kernel/cmdline";

    /// <summary>The pinned kernel.</summary>
    public const string PinPath = "/etc/kernel/proxmox-boot-pin";

    /// <summary>The kernel pinned for the next boot alone, which goes first.</summary>
    public const string NextBootPinPath = "/etc/kernel/next-boot-pin";

    /// <summary>What loaded the running kernel.</summary>
    public required BootLoader Loader { get; init; }

    /// <summary>System partitions that <c>proxmox-boot-tool</c> keeps, by their UUIDs.</summary>
    public required IReadOnlyList<string> SystemPartitions { get; init; }

    /// <summary>Whether <c>proxmox-boot-tool</c> keeps the system partitions.</summary>
    public bool IsManaged => SystemPartitions.Count > 0;

    /// <summary>Whether Secure Boot is on.</summary>
    public required bool IsSecureBoot { get; init; }

    /// <summary>The running kernel's command line.</summary>
    public required string Running { get; init; }

    /// <summary>What a shell makes of GRUB's files.</summary>
    public required Fact<GrubEvaluation> Grub { get; init; }

    /// <summary>The same without our drop-in.</summary>
    public required Fact<GrubEvaluation> GrubWithoutOurs { get; init; }

    /// <summary>Text of our drop-in; null where there is none.</summary>
    public required string? DropInText { get; init; }

    /// <summary>Whether GRUB's own file was edited by an earlier version.</summary>
    public required bool GrubWasEdited { get; init; }

    /// <summary>What <see cref="GrubConfigPath"/> has; null where it cannot be read or is not what is booted.</summary>
    public required LoaderEntries? Entries { get; init; }

    /// <summary>Text of <see cref="KernelPath"/>; null when there is none.</summary>
    public required string? KernelText { get; init; }

    /// <summary>The kernel that is pinned; null for none.</summary>
    public required string? PinnedKernel { get; init; }

    /// <summary>The kernel that is pinned for the next boot alone; null for none.</summary>
    public required string? NextBootKernel { get; init; }

    /// <summary>Installed kernels, ascending version.</summary>
    public required IReadOnlyList<string> Kernels { get; init; }

    /// <summary>When the host was started; null where the kernel does not report it.</summary>
    public required DateTimeOffset? StartedAt { get; init; }

    /// <summary>When files that decide about a boot were last changed, those that are there.</summary>
    public required IReadOnlyDictionary<string, DateTimeOffset> ChangedAt { get; init; }

    /// <summary>The kernel that the next boot takes; null where none is installed.</summary>
    public string? NextKernel => NextBootKernel is { } once && Kernels.Contains(once) ? once
        : PinnedKernel is { } pinned && Kernels.Contains(pinned) ? pinned
        : Kernels.Count == 0 ? null
        : Entries is { Default.Kernel: var chosen } && Kernels.Contains(chosen)
            && Entries.Entries.Any(e => e.Kernel == Kernels[^1]) ? chosen
        : Kernels[^1];

    /// <summary>The file that words are added to or taken out by.</summary>
    public string ConfiguredPath => Loader == BootLoader.SystemdBoot ? KernelPath : GrubDropIn.Path;

    /// <summary>The words that the files in effect give the next kernel.</summary>
    public IReadOnlyList<string> ConfiguredWords => WordsOf(Loader);

    /// <summary>The words in the files that are not in effect.</summary>
    public IReadOnlyList<string> OtherWords => Loader != BootLoader.SystemdBoot
        ? KernelCommandLine.Words(KernelText?.Split('\n')[0])
        : Grub.IsRead ? Grub.Value.Words : [];

    /// <summary>What brings the files to the boot loader, as a command.</summary>
    public string RefreshCommand =>
        IsManaged || Loader == BootLoader.SystemdBoot ? "proxmox-boot-tool refresh" : "update-grub";

    /// <summary>Whether a file is there that was last changed before the host was started.</summary>
    public bool IsOlderThanBoot(string path) =>
        StartedAt is { } start && ChangedAt.TryGetValue(path, out var changed) && changed < start;

    /// <summary>
    /// Whether the files that words come from, and what was made of them, are older than the boot: then a restart was
    /// made since, and another one would boot the same. Where system partitions are managed, and for our own file, what
    /// is made of them is made at once.
    /// </summary>
    public bool RestartWasTried => Loader == BootLoader.SystemdBoot ? IsOlderThanBoot(KernelPath)
        : ChangedAt.Keys.Where(IsGrubSource).ToList() is { Count: > 0 } sources && sources.TrueForAll(IsOlderThanBoot)
            && (DropInText is not null || IsManaged || IsOlderThanBoot(GrubConfigPath));

    // The boot tool writes its file again at each refresh.
    private static bool IsGrubSource(string path) => path.StartsWith(GrubPath, StringComparison.Ordinal)
        && path is not (GrubBackupPath or "/etc/default/grub.d/proxmox-kernel-pin.cfg");

    private IReadOnlyList<string> WordsOf(BootLoader loader) => loader == BootLoader.SystemdBoot
        ? KernelCommandLine.FirstLine(KernelText, Running) : Grub.Value.Words;
}

/// <summary>Maker of a host's processor, which decides how its IOMMU is enabled.</summary>
public enum CpuMaker
{
    /// <summary>Intel.</summary>
    Intel,

    /// <summary>AMD.</summary>
    Amd,

    /// <summary>Another one.</summary>
    Other,
}

/// <summary>What loaded the running kernel, and so which file its command line comes from.</summary>
public enum BootLoader
{
    /// <summary>Neither of the two left its mark.</summary>
    Unknown,

    /// <summary>GRUB: <c>/etc/default/grub</c>.</summary>
    Grub,

    /// <summary>systemd-boot: <c>/etc/kernel/cmdline</c>.</summary>
    SystemdBoot,
}
