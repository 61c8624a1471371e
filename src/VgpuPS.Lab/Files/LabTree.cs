namespace VgpuPS.Lab.Files;

/// <summary>Ordinary files of a state by canonical path, links not followed.</summary>
internal static class LabTree
{
    public static LabEntry? Find(LabState state, string path)
    {
        var (entry, parts) = Start(state, path);
        foreach (var part in parts)
        {
            if (entry.Entries is null || !entry.Entries.TryGetValue(part, out var next))
            {
                return null;
            }

            entry = next;
        }

        return entry;
    }

    public static (string Folder, string Name) Split(string path)
    {
        var cut = path.LastIndexOf('/');
        return (cut <= 0 ? "/" : path[..cut], path[(cut + 1)..]);
    }

    public static void PutFile(LabState state, string path, byte[] content, int mode) =>
        Put(state, path, new LabEntry { Mode = mode, Content = content });

    public static void PutLink(LabState state, string path, string target) =>
        Put(state, path, new LabEntry { Mode = FileModes.Mode777, Target = target });

    public static LabEntry PutFolder(LabState state, string path, int mode)
    {
        var (entry, parts) = Start(state, path);
        foreach (var part in parts)
        {
            if (!entry.Entries!.TryGetValue(part, out var next))
            {
                next = new LabEntry { Mode = mode, Inode = state.NextInode++, Entries = NewFolder() };
                entry.Entries[part] = next;
            }

            entry = next;
        }

        return entry;
    }

    public static bool Remove(LabState state, string path)
    {
        var (folder, name) = Split(path);
        return Find(state, folder)?.Entries?.Remove(name) == true;
    }

    // The cluster file system is mounted over the machine's own folder.
    private static (LabEntry Entry, ArraySegment<string> Parts) Start(LabState state, string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return state.Joined is { } cluster && parts is ["etc", "pve", ..]
            ? (cluster.Files, new ArraySegment<string>(parts, 2, parts.Length - 2))
            : (state.Root, parts);
    }

    private static void Put(LabState state, string path, LabEntry entry)
    {
        var (folder, name) = Split(path);
        (entry.Inode, entry.ModifiedTicks) = (state.NextInode++, state.WallTicks);
        PutFolder(state, folder, LabEntry.FolderMode).Entries![name] = entry;
    }

    private static SortedDictionary<string, LabEntry> NewFolder() => new(StringComparer.Ordinal);
}

/// <summary>What a path of the machine names.</summary>
internal sealed record LabTreeNode
{
    public int Mode { get; init; }

    public uint Owner { get; init; }

    public ulong Inode { get; init; }

    public long ModifiedTicks { get; init; }

    public bool IsKernel { get; init; } = true;

    public string? Target { get; init; }

    public Func<IEnumerable<string>>? Names { get; init; }

    public Func<byte[]>? Read { get; init; }

    public Action<string>? Write { get; init; }

    public static LabTreeNode Folder(Func<IEnumerable<string>> names) =>
        new() { Mode = FileModes.Mode755, Names = names };

    public static LabTreeNode Link(string target) => new() { Mode = FileModes.Mode777, Target = target };
}
