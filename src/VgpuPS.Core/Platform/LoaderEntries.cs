using System.IO.Enumeration;

namespace VgpuPS.Core.Platform;

/// <summary>What a boot loader has on one of its places: entries, and the one that it boots by itself.</summary>
/// <param name="Place">The file, or the system partition by its UUID.</param>
/// <param name="Entries">Entries that start a kernel, in their order.</param>
/// <param name="Default">The one that is booted without a choice; null where that is unknown.</param>
public sealed record LoaderEntries(string Place, IReadOnlyList<LoaderEntry> Entries, LoaderEntry? Default)
{
    /// <summary>The entry that will boot a kernel: the default where it has that kernel, else the first normal one that
    /// has.</summary>
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
            ? $"{Place} has only recovery entries" : FindDifference(entry, present, absent);
    }

    private string? FindDifference(LoaderEntry entry, IReadOnlyList<string> present, IReadOnlyList<string> absent)
    {
        var what = present.FirstOrDefault(w => !KernelCommandLine.Has(entry.Words, w)) is { } missing
            ? $"has no {missing}"
            : absent.FirstOrDefault(entry.Words.Contains) is { } left ? $"still has {left}"
            : entry.Words.Any(w => w.StartsWith("root=", StringComparison.Ordinal)) ? null
            : "has no root=, without which a kernel does not find its root file system";
        return what is null ? null : $"entry '{entry.Title}' of {Place} {what}";
    }
}

/// <summary>An entry of a boot loader.</summary>
/// <param name="Title">Its title.</param>
/// <param name="Kernel">Release of its kernel; empty where the file's name has none.</param>
/// <param name="Words">Kernel parameters.</param>
/// <param name="IsRecovery">Whether it is one for recovery.</param>
public sealed record LoaderEntry(string Title, string Kernel, IReadOnlyList<string> Words, bool IsRecovery);

/// <summary>What the boot loader must have once its files were brought to it.</summary>
/// <param name="Kernel">The kernel that it must boot; null for any.</param>
/// <param name="Present">Words that its entry must have.</param>
/// <param name="Absent">Words that its entry must not have.</param>
public sealed record LoaderExpectation(string? Kernel, IReadOnlyList<string> Present, IReadOnlyList<string> Absent);

/// <summary>Reads systemd-boot's entries.</summary>
/// <remarks>
/// Source: proxmox-kernel-helper 8.1, zz-proxmox-boot: loader/entries/proxmox-RELEASE.conf with title, version,
/// options; loader.conf with default, a file's name or proxmox-*. Assumed: that the newest kernel is taken where the
/// default is a pattern.
/// </remarks>
public static class SystemdBootEntries
{
    private const string Folder = "loader/entries/";

    /// <summary>Reads them.</summary>
    /// <param name="place">What the system partition is called.</param>
    /// <param name="files">Files of the partition by their path in it.</param>
    public static LoaderEntries Read(string place, IReadOnlyDictionary<string, string> files)
    {
        var wanted = Value(files.GetValueOrDefault("loader/loader.conf", ""), "default");
        var entries = files.Where(f => f.Key.StartsWith(Folder, StringComparison.Ordinal))
            .Select(f => (Name: f.Key[Folder.Length..], Entry: new LoaderEntry(
                $"{Value(f.Value, "title")} ({f.Key[Folder.Length..]})", Value(f.Value, "version"),
                KernelCommandLine.Words(Value(f.Value, "options")), false)))
            .OrderByDescending(e => e.Entry.Kernel, Comparer<string>.Create(KernelRelease.CompareReleases)).ToList();
        return new LoaderEntries(
            place, [.. entries.Select(e => e.Entry)],
            entries.FirstOrDefault(
                e => wanted.Length > 0 && FileSystemName.MatchesSimpleExpression(wanted, e.Name)).Entry);
    }

    private static string Value(string text, string key) => text.Split('\n')
        .FirstOrDefault(l => l.StartsWith(key + " ", StringComparison.Ordinal)
            || l.StartsWith(key + "\t", StringComparison.Ordinal))?[key.Length..].Trim() ?? "";
}
