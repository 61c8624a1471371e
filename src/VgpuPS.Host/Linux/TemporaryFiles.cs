namespace VgpuPS.Host.Linux;

/// <summary>
/// Names of the files that are written beside their target and renamed: the target's name, this host (a snippets
/// storage may be shared) and the process, so that the next run knows which of them a killed one left.
/// </summary>
internal static class TemporaryFiles
{
    private const string Extension = ".tmp";

    /// <summary>Where this process writes what is to become <paramref name="path"/>.</summary>
    public static string NameFor(string path) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Path.GetDirectoryName(path)}/.{Path.GetFileName(path)}.{Environment.MachineName}.{Environment.ProcessId}"
            + $"{Extension}");

    /// <summary>Removes what killed runs left beside files of ours; what cannot be removed does no harm.</summary>
    public static void RemoveOrphaned(IHostFiles files, params IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            try
            {
                var folder = Path.GetDirectoryName(path)!;
                foreach (var name in (files.List(folder) ?? []).Where(n => IsOrphaned(n, Path.GetFileName(path))))
                {
                    files.Delete($"{folder}/{name}");
                }
            }
            catch (HostFileException)
            {
                // The next writer is notified.
            }
        }
    }

    /// <summary>Whether a name is that of a process of this host which has ended; earlier versions named no
    /// host.</summary>
    private static bool IsOrphaned(string name, string target)
    {
        var beginning = $".{target}.";
        if (!name.StartsWith(beginning, StringComparison.Ordinal) || !name.EndsWith(Extension, StringComparison.Ordinal)
            || name.Length <= beginning.Length + Extension.Length)
        {
            return false;
        }

        var writer = name[beginning.Length..^Extension.Length];
        var end = writer.LastIndexOf('.');
        return (end < 0 || writer[..end] == Environment.MachineName)
            && int.TryParse(writer[(end + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
            && pid > 0 && !Directory.Exists($"/proc/{pid}");
    }
}
