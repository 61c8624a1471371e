namespace VgpuPS.Core.Proxmox;

/// <summary>The cluster's storages.</summary>
/// <param name="ById">Storages by id; <c>local</c> is always among them.</param>
/// <remarks>
/// Source: facts/proxmox.md (a): <c>local</c> is /var/lib/vz whatever /etc/pve/storage.cfg says. Assumed (pve-docs,
/// storage types): network file systems are mounted at /mnt/pve/ID unless a path is given; <c>content-dirs</c> names
/// folders below the path; a <c>local</c> of another type or path is replaced by one that allows everything.
/// </remarks>
public sealed record StorageConfig(IReadOnlyDictionary<string, StorageEntry> ById)
{
    private const string Local = "local";

    private const string LocalPath = "/var/lib/vz";

    /// <summary>Reads the file.</summary>
    /// <exception cref="UnreadableDataException">The file has more than 1 MiB.</exception>
    public static StorageConfig Read(ReadOnlySpan<byte> raw)
    {
        var storages = new Dictionary<string, StorageEntry>(StringComparer.Ordinal);
        foreach (var section in SectionConfig.Read(raw, "the list of storages", SectionConfig.Header))
        {
            storages[section.Id] = EntryOf(section);
        }

        if (!storages.TryGetValue(Local, out var local) || local.Type != "dir" || local.Path is not (null or LocalPath))
        {
            local = new StorageEntry(
                Local, "dir", LocalPath, ["backup", "images", "import", "iso", "rootdir", "snippets", "vztmpl"],
                "snippets", [], false);
        }

        storages[Local] = local with { Path = LocalPath };
        return new StorageConfig(storages);
    }

    /// <summary>The storage of that id, or null.</summary>
    public StorageEntry? Find(string id) => ById.GetValueOrDefault(id);

    private static StorageEntry EntryOf(SectionConfig.SectionDraft section)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in section.Properties)
        {
            values.TryAdd(key, value);
        }

        var isNetwork = section.Type is "nfs" or "cifs" or "cephfs" or "glusterfs";
        var path = section.Type is "dir" or "btrfs" || isNetwork
            ? values.GetValueOrDefault("path") ?? (isNetwork ? "/mnt/pve/" + section.Id : null)
            : null;
        return new StorageEntry(
            section.Id, section.Type, path is null ? null : WithoutEndSlash(path), List(values, "content"),
            SnippetsFolder(values), List(values, "nodes"),
            values.TryGetValue("disable", out var disabled) && PveText.Boolean(disabled) != false,
            isNetwork || (values.TryGetValue("shared", out var shared) && PveText.Boolean(shared) == true));
    }

    private static string SnippetsFolder(Dictionary<string, string> values) =>
        List(values, "content-dirs").Where(part => part.StartsWith("snippets=", StringComparison.Ordinal))
            .Select(part => part["snippets=".Length..].Trim('/')).FirstOrDefault() is { Length: > 0 } folder
            ? folder
            : "snippets";

    private static string[] List(Dictionary<string, string> values, string key) =>
        values.GetValueOrDefault(key, "").Split([',', ';', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries);

    private static string WithoutEndSlash(string path) => path.Length > 1 ? path.TrimEnd('/') : path;
}

/// <summary>One storage of the cluster, as far as snippets are concerned.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Type">Its type: <c>dir</c>, <c>nfs</c> ….</param>
/// <param name="Path">Its directory; null for a storage that is none.</param>
/// <param name="Content">Content types that are enabled.</param>
/// <param name="SnippetsFolder">Directory of snippets below <paramref name="Path"/>.</param>
/// <param name="Nodes">The nodes that have it; empty for all.</param>
/// <param name="IsDisabled">Whether it is disabled.</param>
/// <param name="IsShared">Whether all nodes that have it see the same files.</param>
public sealed record StorageEntry(
    string Id,
    string Type,
    string? Path,
    IReadOnlyList<string> Content,
    string SnippetsFolder,
    IReadOnlyList<string> Nodes,
    bool IsDisabled,
    bool IsShared = false)
{
    /// <summary>Whether Proxmox lists and accepts snippets on it.</summary>
    public bool AllowsSnippets => Path is not null && Content.Contains("snippets", StringComparer.Ordinal);
}
