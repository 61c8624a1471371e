namespace VgpuPS.Core.Platform;

/// <summary>How a host boots.</summary>
/// <remarks>
/// Source: facts/proxmox.md (h). Assumed: that the mark of what really booted is on the running command line
/// (<c>BOOT_IMAGE=</c> of GRUB, <c>initrd=\EFI\</c> of systemd-boot), or in the EFI variable LoaderInfo.
/// </remarks>
public sealed record BootFacts
{
    /// <summary>GRUB's file.</summary>
    public const string GrubPath = "/etc/default/grub";

    /// <summary>systemd-boot's file, as Proxmox has it.</summary>
    public const string KernelPath = "/etc/kernel/cmdline";

    /// <summary>What loaded the running kernel.</summary>
    public required BootLoader Loader { get; init; }

    /// <summary>Whether <c>proxmox-boot-tool</c> keeps the system partitions.</summary>
    public required bool IsManaged { get; init; }

    /// <summary>Whether Secure Boot is on.</summary>
    public required bool IsSecureBoot { get; init; }

    /// <summary>Text of <see cref="GrubPath"/>; null when there is none.</summary>
    public required string? GrubText { get; init; }

    /// <summary>Text of <see cref="KernelPath"/>; null when there is none.</summary>
    public required string? KernelText { get; init; }

    /// <summary>The kernel that is pinned; null for none.</summary>
    public required string? PinnedKernel { get; init; }

    /// <summary>Installed kernels, ascending version.</summary>
    public required IReadOnlyList<string> Kernels { get; init; }

    /// <summary>The kernel that the next boot takes; null where none is installed.</summary>
    public string? NextKernel =>
        PinnedKernel is { } pinned && Kernels.Contains(pinned) ? pinned : Kernels.Count == 0 ? null : Kernels[^1];

    /// <summary>The file that the command line comes from.</summary>
    public string ConfiguredPath => Loader == BootLoader.SystemdBoot ? KernelPath : GrubPath;

    /// <summary>Its text; null when there is none.</summary>
    public string? ConfiguredText => Loader == BootLoader.SystemdBoot ? KernelText : GrubText;

    /// <summary>The words that the file in effect gives the next kernel.</summary>
    public IReadOnlyList<string> ConfiguredWords => KernelCommandLine.ConfiguredWords(Loader, ConfiguredText);

    /// <summary>The words in the file that is not in effect.</summary>
    public IReadOnlyList<string> OtherWords => Loader == BootLoader.SystemdBoot
        ? KernelCommandLine.ConfiguredWords(BootLoader.Grub, GrubText)
        : KernelCommandLine.ConfiguredWords(BootLoader.SystemdBoot, KernelText);

    /// <summary>What brings the files to the boot loader, as a command.</summary>
    public string RefreshCommand =>
        IsManaged || Loader == BootLoader.SystemdBoot ? "proxmox-boot-tool refresh" : "update-grub";
}
