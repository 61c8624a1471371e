using System.IO.Enumeration;

namespace VgpuPS.Core.Platform;

/// <summary>Reads systemd-boot's entries.</summary>
/// <remarks>
/// Source: proxmox-kernel-helper 8.1, zz-proxmox-boot: loader/entries/proxmox-RELEASE.conf with title, version, options; loader.conf with
/// default, a file's name or proxmox-*. Assumed: that the newest kernel is taken where the default is a pattern.
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
                $"{Value(f.Value, "title")} ({f.Key[Folder.Length..]})", Value(f.Value, "version"), KernelCommandLine.Words(Value(f.Value, "options")), false)))
            .OrderByDescending(e => e.Entry.Kernel, Comparer<string>.Create(KernelRelease.CompareReleases)).ToList();
        return new LoaderEntries(
            place, [.. entries.Select(e => e.Entry)],
            entries.FirstOrDefault(e => wanted.Length > 0 && FileSystemName.MatchesSimpleExpression(wanted, e.Name)).Entry);
    }

    private static string Value(string text, string key) => text.Split('\n')
        .FirstOrDefault(l => l.StartsWith(key + " ", StringComparison.Ordinal) || l.StartsWith(key + "\t", StringComparison.Ordinal))?[key.Length..].Trim() ?? "";
}
