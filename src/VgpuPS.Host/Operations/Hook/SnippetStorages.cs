namespace VgpuPS.Host.Operations.Hook;

/// <summary>Storages of this node that can hold the hook.</summary>
internal sealed class SnippetStorages(HostPorts host)
{
    private const string Local = "local";

    private readonly StorageConfig _storages = StorageConfig.Read(host.Proxmox.ReadStorages() ?? []);

    /// <summary>Ids of the storages that can hold snippets here, in order.</summary>
    public IReadOnlyList<string> Able =>
        [.. _storages.ById.Values.Where(s => IsHere(s) && s.AllowsSnippets).Select(s => s.Id)
            .Order(StringComparer.Ordinal)];

    /// <summary>Where a volume id leads; null where it leads nowhere.</summary>
    public string? Resolve(string volume) => SnippetVolumes.Resolve(volume, _storages).Path;

    /// <summary>Whether the storage of a volume id allows snippets.</summary>
    public bool IsListed(string volume) => SnippetVolumes.Resolve(volume, _storages).IsListed;

    /// <summary>Whether a volume id leads to our hook: by its name, or by what the file holds.</summary>
    public bool HoldsHook(string volume) => HookVolume.IsOurs(volume)
        || (Resolve(volume) is { } path && host.HookFiles.Find(path) is { IsHook: true });

    /// <summary>The volume id of a file in a snippets folder; null when it is in none.</summary>
    public string? VolumeOf(string path) =>
        _storages.ById.Values.OrderBy(s => s.Id != Local).ThenBy(s => s.Id, StringComparer.Ordinal)
        .Where(IsHere).Select(s => (s.Id, Folder: FolderOf(s)))
        .Where(s => path.StartsWith(s.Folder, StringComparison.Ordinal)
            && !path[s.Folder.Length..].Contains('/', StringComparison.Ordinal) && path.Length > s.Folder.Length)
        .Select(s => $"{s.Id}:snippets/{path[s.Folder.Length..]}").FirstOrDefault();

    /// <summary>
    /// The volume id for the hook: on the storage that is named, else on the first that has the right file, else on
    /// <c>local</c>, else on the first by name.
    /// </summary>
    /// <exception cref="ObjectNotFoundException">There is no storage of that name.</exception>
    /// <exception cref="HostNotReadyException">It, or none at all, can hold snippets.</exception>
    public string Choose(string? name)
    {
        if (!string.IsNullOrWhiteSpace(name))
        {
            return HookVolume.On(Check(name.Trim()).Id);
        }

        var able = _storages.ById.Values.Where(s => IsHere(s) && s.AllowsSnippets)
            .OrderBy(s => s.Id, StringComparer.Ordinal).ToList();
        if (able.Count == 0)
        {
            throw CannotHold(
                $"no storage of node {host.Proxmox.Node} has snippets among its content", _storages.Find(Local)!);
        }

        var chosen = able.Find(s => host.HookFiles.Find(FolderOf(s) + HookVolume.FileName) is { IsRight: true })
            ?? able.Find(s => s.Id == Local) ?? able[0];
        return HookVolume.On(chosen.Id);
    }

    /// <summary>The volume id for the hook, as <see cref="Choose"/> finds it; null where no storage may hold
    /// snippets.</summary>
    /// <exception cref="ObjectNotFoundException">There is no storage of that name.</exception>
    public string? Find(string? name)
    {
        try
        {
            return Choose(name);
        }
        catch (HostNotReadyException)
        {
            return null;
        }
    }

    /// <summary>The storage that could be allowed to hold snippets, and what it would hold then.</summary>
    /// <exception cref="HostNotReadyException">None has a folder on this node.</exception>
    public (string Storage, IReadOnlyList<string> Content) Allowable(string? name)
    {
        var storage = string.IsNullOrWhiteSpace(name)
            ? _storages.ById.Values.Where(IsHere).OrderBy(s => s.Id != Local).ThenBy(s => s.Id, StringComparer.Ordinal)
                .FirstOrDefault()
            : _storages.Find(name.Trim());
        return storage is not null && IsHere(storage)
            ? (storage.Id, [.. storage.Content.Append("snippets").Distinct()])
            : throw new HostNotReadyException(
                ErrorIds.NoSnippetStorage,
                $"no storage of node {host.Proxmox.Node} has a folder that could hold snippets",
                "add one: pvesm add dir snippets --path /var/lib/snippets --content snippets", name);
    }

    /// <summary>Copies of the hook in snippets folders of this node, by path.</summary>
    public IReadOnlyList<string> Copies() =>
    [
        .. _storages.ById.Values.Where(IsHere).OrderBy(s => s.Id, StringComparer.Ordinal)
            .Select(s => FolderOf(s) + HookVolume.FileName).Where(p => host.HookFiles.Find(p) is not null).Distinct(),
    ];

    /// <summary>Whether a volume of another node is a file that this node sees too: on a storage that both
    /// share.</summary>
    /// <param name="volume">The volume id.</param>
    /// <param name="node">The other node.</param>
    /// <param name="files">Files of this node, by path.</param>
    /// <remarks>
    /// Source: pve-docs, storage types: network file systems are shared, a directory where its configuration says so
    /// (<c>shared 1</c>); a folder below a shared one is shared with it (assumed).
    /// </remarks>
    public bool IsSharedWith(string volume, string node, IReadOnlyCollection<string> files) =>
        Resolve(volume) is { } path && files.Contains(path)
        && _storages.ById.Values.Any(s => s is { IsShared: true, IsDisabled: false, Path: { } root }
            && path.StartsWith(root + "/", StringComparison.Ordinal)
            && (s.Nodes.Count == 0 || s.Nodes.Contains(node, StringComparer.Ordinal)));

    /// <summary>The command that lets a storage hold snippets.</summary>
    public string? AllowCommand(string volume) =>
        _storages.Find(volume.Split(':')[0]) is { } storage ? AllowCommand(storage) : null;

    private StorageEntry Check(string name)
    {
        var storage = _storages.Find(name) ?? throw new ObjectNotFoundException(
            ErrorIds.NoSnippetStorage, $"there is no storage {name}", "see the storages: pvesm status", name);
        return !IsHere(storage) ? throw new HostNotReadyException(
                ErrorIds.NoSnippetStorage, $"storage {name} is disabled, has no folder, "
                    + $"or is not on node {host.Proxmox.Node}",
                $"use another one, or change it: pvesm status --storage {name}", name)
            : !storage.AllowsSnippets ? throw CannotHold($"storage {name} has no snippets among its content", storage)
            : storage;
    }

    private bool IsHere(StorageEntry storage) => storage is { IsDisabled: false, Path: not null }
        && (storage.Nodes.Count == 0 || storage.Nodes.Contains(host.Proxmox.Node, StringComparer.Ordinal));

    private static HostNotReadyException CannotHold(string message, StorageEntry storage) => new(
        ErrorIds.NoSnippetStorage, message, $"allow it: {AllowCommand(storage)}", storage.Id);

    private static string AllowCommand(StorageEntry storage) =>
        $"pvesm set {storage.Id} --content {string.Join(',', storage.Content.Append("snippets").Distinct())}";

    private static string FolderOf(StorageEntry storage) => $"{storage.Path}/{storage.SnippetsFolder}/";
}
