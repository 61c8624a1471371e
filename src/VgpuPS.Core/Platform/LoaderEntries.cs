namespace VgpuPS.Core.Platform;

/// <summary>What a boot loader has on one of its places: entries, and the one that it boots by itself.</summary>
/// <param name="Place">The file, or the system partition by its UUID.</param>
/// <param name="Entries">Entries that start a kernel, in their order.</param>
/// <param name="Default">The one that is booted where nobody chooses; null where that cannot be told.</param>
public sealed record LoaderEntries(string Place, IReadOnlyList<LoaderEntry> Entries, LoaderEntry? Default)
{
    /// <summary>The entry that will boot a kernel: the default where it has that kernel, else the first normal one that has.</summary>
    /// <param name="kernel">Release of the kernel; null for whatever the default has.</param>
    public LoaderEntry? Find(string? kernel) => kernel is null || Default?.Kernel == kernel
        ? Default : Entries.FirstOrDefault(e => e.Kernel == kernel && !e.IsRecovery);

    /// <summary>Why the place does not boot what it should; null where it does.</summary>
    /// <param name="kernel">Release of the kernel that should boot; null for any.</param>
    /// <param name="present">Words that its entries must have.</param>
    /// <param name="absent">Words that they must not have.</param>
    public string? FindDifference(string? kernel, IReadOnlyList<string> present, IReadOnlyList<string> absent)
    {
        if (Entries.Count == 0)
        {
            return $"{Place} has no entry that starts a kernel";
        }

        if (kernel is not null && !Entries.Any(e => e.Kernel == kernel))
        {
            return $"{Place} has no entry for kernel {kernel}";
        }

        if (kernel is not null && Default is { } first && first.Kernel != kernel)
        {
            return $"{Place} boots entry '{first.Title}' with kernel {first.Kernel}, not {kernel}";
        }

        return (Find(kernel) ?? Entries.FirstOrDefault(e => !e.IsRecovery)) is not { } entry
            ? $"{Place} has no entry but for recovery" : FindDifference(entry, present, absent);
    }

    private string? FindDifference(LoaderEntry entry, IReadOnlyList<string> present, IReadOnlyList<string> absent)
    {
        var what = present.FirstOrDefault(w => !KernelCommandLine.Has(entry.Words, w)) is { } missing ? $"has no {missing}"
            : absent.FirstOrDefault(entry.Words.Contains) is { } left ? $"still has {left}"
            : entry.Words.Any(w => w.StartsWith("root=", StringComparison.Ordinal)) ? null
            : "has no root=, without which a kernel does not find its root file system";
        return what is null ? null : $"entry '{entry.Title}' of {Place} {what}";
    }
}

/// <summary>An entry of a boot loader.</summary>
/// <param name="Title">Its title.</param>
/// <param name="Kernel">Release of its kernel; empty where the file's name tells none.</param>
/// <param name="Words">Words for the kernel.</param>
/// <param name="IsRecovery">Whether it is one for recovery.</param>
public sealed record LoaderEntry(string Title, string Kernel, IReadOnlyList<string> Words, bool IsRecovery);
