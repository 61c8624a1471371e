namespace VgpuPS.Core.Platform;

/// <summary>Words of the kernel's command line that concern the IOMMU, and the files that they stand in.</summary>
/// <remarks>Source: facts/proxmox.md (h): AMD on by default, Intel by default from kernel 6.8 on; <c>iommu=pt</c> optional.</remarks>
public static class KernelCommandLine
{
    private const string Key = "GRUB_CMDLINE_LINUX_DEFAULT=";

    private static readonly string[] s_iommuKeys = ["iommu=", "intel_iommu=", "amd_iommu="];

    /// <summary>Words that keep the IOMMU off.</summary>
    public static IReadOnlyList<string> OffWords { get; } = ["iommu=off", "intel_iommu=off", "amd_iommu=off"];

    /// <summary>Splits a command line.</summary>
    public static IReadOnlyList<string> Words(string? text) =>
        (text ?? "").Split([' ', '\t', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Words about the IOMMU among others.</summary>
    public static IReadOnlyList<string> IommuWords(IEnumerable<string> words) =>
        [.. words.Where(w => s_iommuKeys.Any(k => w.StartsWith(k, StringComparison.Ordinal)))];

    /// <summary>The word that keeps the IOMMU off, or would have to be there and is not; null when all is right.</summary>
    /// <param name="words">A command line.</param>
    /// <param name="cpu">Maker of the processor.</param>
    /// <param name="kernel">Release of the kernel.</param>
    public static string? IommuProblem(IReadOnlyList<string> words, CpuMaker cpu, string? kernel) =>
        OffWords.FirstOrDefault(words.Contains) is { } off ? $"{off} is there"
        : NeedsIntelWord(cpu, kernel) && !words.Contains(IntelOn) ? $"{IntelOn} is missing"
        : null;

    /// <summary>What switches an Intel IOMMU on.</summary>
    public const string IntelOn = "intel_iommu=on";

    /// <summary>What spares the host's own devices the IOMMU's translation.</summary>
    public const string PassThrough = "iommu=pt";

    /// <summary>Whether the kernel leaves the IOMMU off unless told.</summary>
    public static bool NeedsIntelWord(CpuMaker cpu, string? kernel) =>
        cpu == CpuMaker.Intel && KernelRelease.TryParse(kernel, out var release) && release.CompareTo(new KernelRelease(6, 8)) < 0;

    /// <summary>The words that a boot loader's file gives the next kernel.</summary>
    /// <param name="loader">Whose file it is.</param>
    /// <param name="text">Its text; null for none.</param>
    public static IReadOnlyList<string> ConfiguredWords(BootLoader loader, string? text)
    {
        if (loader == BootLoader.SystemdBoot)
        {
            return Words(text);
        }

        var (start, end) = FindValue(text ?? "");
        return start < 0 ? [] : Words(text![start..end]);
    }

    /// <summary>The file with words added and others taken out; all else stays as it is, byte for byte.</summary>
    /// <param name="loader">Whose file it is.</param>
    /// <param name="text">Its text; null for none.</param>
    /// <param name="add">Words to add at the end.</param>
    /// <param name="remove">Words to take out.</param>
    public static string Edit(BootLoader loader, string? text, IReadOnlyList<string> add, IReadOnlyList<string> remove)
    {
        var old = text ?? "";
        if (loader == BootLoader.SystemdBoot)
        {
            // The file is one line; whatever follows it is kept.
            var end = old.AsSpan().IndexOfAny('\n', '\r');
            return end < 0 ? Change(old, add, remove) + "\n" : Change(old[..end], add, remove) + old[end..];
        }

        var (from, to) = FindValue(old);
        if (from < 0)
        {
            return $"{old}{(old.Length > 0 && !old.EndsWith('\n') ? "\n" : "")}{Key}\"{string.Join(' ', add)}\"\n";
        }

        var value = Change(old[from..to], add, remove);
        var isQuoted = from > 0 && old[from - 1] is '"' or '\'';
        return old[..from] + (isQuoted ? value : $"\"{value}\"") + old[to..];
    }

    private static string Change(string value, IReadOnlyList<string> add, IReadOnlyList<string> remove)
    {
        foreach (var word in remove)
        {
            value = string.Join(' ', value.Split(' ').Where(w => w != word));
        }

        var present = Words(value);
        var missing = add.Where(w => !present.Contains(w)).ToList();
        return missing.Count == 0 ? value : $"{value}{(value.Length == 0 || value.EndsWith(' ') ? "" : " ")}{string.Join(' ', missing)}";
    }

    /// <summary>Where the value of the last assignment stands, without its quotes; -1 where there is none.</summary>
    private static (int Start, int End) FindValue(string text)
    {
        var found = (-1, -1);
        for (var at = 0; at < text.Length;)
        {
            var end = text.IndexOf('\n', at);
            end = end < 0 ? text.Length : end;
            var start = at;
            while (start < end && text[start] is ' ' or '\t')
            {
                start++;
            }

            if (string.CompareOrdinal(text, start, Key, 0, Key.Length) == 0)
            {
                var first = start + Key.Length;
                var quote = first < end && text[first] is '"' or '\'' ? text[first] : '\0';
                var last = quote == '\0' ? text.AsSpan(first, end - first).IndexOfAny(' ', '\t', '#') : text.IndexOf(quote, first + 1, end - first - 1);
                found = quote == '\0' ? (first, last < 0 ? end : first + last) : (first + 1, last < 0 ? end : last);
            }

            at = end + 1;
        }

        return found;
    }
}
