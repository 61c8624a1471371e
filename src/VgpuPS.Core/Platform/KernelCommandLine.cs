namespace VgpuPS.Core.Platform;

/// <summary>Parameters of the kernel's command line that vGPUs depend on.</summary>
/// <remarks>Source: facts/proxmox.md (h): AMD on by default, Intel by default from kernel 6.8 on; <c>iommu=pt</c>
/// optional.</remarks>
public static class KernelCommandLine
{
    private static readonly string[] s_iommuKeys = ["iommu", "intel_iommu", "amd_iommu"];

    // Source: kernel-parameters.txt (init=, single, 1 to 5), systemd(1) (systemd.unit=, rescue, emergency),
    // initramfs-tools(7) (break).
    private static readonly string[] s_onceWords = ["single", "s", "S", "1", "2", "3", "4", "5", "rescue", "emergency",
        "break", "rd.break", "-b"];
    private static readonly string[] s_onceKeys =
        ["init", "systemd.unit", "rd.systemd.unit", "systemd.run", "systemd.debug_shell", "systemd.debug-shell",
            "break", "rd.break", "rdinit"];

    // Named by the loader itself, again at each boot.
    private static readonly string[] s_loaderKeys = ["initrd", "BOOT_IMAGE"];

    /// <summary>What enables an Intel IOMMU.</summary>
    public const string IntelOn = "intel_iommu=on";

    /// <summary>What spares the host's own devices the IOMMU's translation.</summary>
    public const string PassThrough = "iommu=pt";

    /// <summary>Splits a command line.</summary>
    public static IReadOnlyList<string> Words(string? text) =>
        (text ?? "").Split([' ', '\t', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The key of a word; the word itself where it has no value.</summary>
    public static string Key(string word) => word.Split('=', 2)[0];

    /// <summary>The values of a word, which commas part; none where it has no value.</summary>
    public static IReadOnlyList<string> Values(string word) => word.Split('=', 2) is [_, var list]
        ? list.Split(',') : [];

    /// <summary>Words about the IOMMU among others.</summary>
    public static IReadOnlyList<string> IommuWords(IEnumerable<string> words) =>
        [.. words.Where(w => s_iommuKeys.Contains(Key(w)))];

    /// <summary>Whether a word leaves the IOMMU off.</summary>
    public static bool IsOff(string word) => s_iommuKeys.Contains(Key(word)) && Values(word).Contains("off");

    /// <summary>Whether a word is there, also as one of several values of its key, or in the kernel's other form of
    /// it.</summary>
    /// <param name="words">A command line.</param>
    /// <param name="word">The word with one value.</param>
    public static bool Has(IEnumerable<string> words, string word) => words.Any(w => w == word
        || (Key(w) == Key(word) && Values(w).Contains(Values(word)[0]))
        || (word == PassThrough && w is "iommu.passthrough=1" or "iommu.passthrough=on" or "iommu.passthrough=y"));

    /// <summary>The word that keeps the IOMMU off, or would have to be there and is not; null when all is
    /// right.</summary>
    /// <param name="words">A command line.</param>
    /// <param name="cpu">Maker of the processor.</param>
    /// <param name="kernel">Release of the kernel.</param>
    public static string? IommuProblem(IReadOnlyList<string> words, CpuMaker cpu, string? kernel) =>
        words.FirstOrDefault(IsOff) is { } off ? $"{off} is there"
        : NeedsIntelWord(cpu, kernel) && !Has(words, IntelOn) ? $"{IntelOn} is missing"
        : null;

    /// <summary>Whether the kernel leaves the IOMMU off unless configured.</summary>
    public static bool NeedsIntelWord(CpuMaker cpu, string? kernel) =>
        cpu == CpuMaker.Intel && KernelRelease.TryParse(kernel, out var release)
            && release.CompareTo(new KernelRelease(6, 8)) < 0;

    /// <summary>A word without one or more of its values; null where none is left.</summary>
    public static string? Without(string word, Func<string, bool> isGone)
    {
        var left = Values(word).Where(v => !isGone(v)).ToList();
        return left.Count == 0 ? null : $"{Key(word)}={string.Join(',', left)}";
    }

    /// <summary>Whether the root file system is on ZFS.</summary>
    /// <remarks>Source: cases of real hosts: <c>root=ZFS=rpool/ROOT/pve-1 boot=zfs</c>, by GRUB and systemd-boot
    /// alike.</remarks>
    public static bool HasZfsRoot(IReadOnlyList<string> words) => words.Contains("boot=zfs")
        || words.Any(w => w.StartsWith("root=zfs", StringComparison.OrdinalIgnoreCase));

    /// <summary>The words that systemd-boot gives the next kernel.</summary>
    /// <param name="text">Text of <c>/etc/kernel/cmdline</c>; null where there is none.</param>
    /// <param name="running">The running kernel's command line, which takes its place then.</param>
    /// <remarks>
    /// Source: proxmox-kernel-helper 8.1, zz-proxmox-boot: the first line of the file; without the file /proc/cmdline
    /// less its <c>initrd=</c>.
    /// </remarks>
    public static IReadOnlyList<string> FirstLine(string? text, string running) => text is null
        ? [.. Words(running).Where(w => !s_loaderKeys.Contains(Key(w)))]
        : Words(text.Split('\n')[0]);

    /// <summary>Words that were given for one boot and must not be made lasting; null for none.</summary>
    public static string? FindOnce(IEnumerable<string> words) =>
        words.FirstOrDefault(w => s_onceWords.Contains(w) || s_onceKeys.Contains(Key(w)));

    /// <summary>systemd-boot's file with words added and others changed; what follows its first line stays byte for
    /// byte.</summary>
    /// <param name="text">Its text; null for none.</param>
    /// <param name="running">The running kernel's command line.</param>
    /// <param name="add">Words to add at the end.</param>
    /// <param name="changes">Words to take out or to exchange.</param>
    public static string EditFirstLine(
        string? text, string running, IReadOnlyList<string> add, IReadOnlyList<WordChange> changes)
    {
        var end = text is null ? -1 : text.AsSpan().IndexOfAny('\n', '\r');
        var line = text is null ? string.Join(' ', FirstLine(null, running)) : end < 0 ? text : text[..end];
        foreach (var change in changes)
        {
            line = string.Join(' ', line.Split(' ').Select(w => w == change.Old ? change.New : w).OfType<string>());
        }

        line = add.Count == 0 ? line : $"{line.TrimEnd()} {string.Join(' ', add)}".TrimStart();
        return line + (end < 0 ? "\n" : text![end..]);
    }
}
