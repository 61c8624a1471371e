using System.Text;
using System.Text.Json.Nodes;
using VgpuPS.Host.Seams;

namespace VgpuPS.Tests.Lab.Proxmox;

/// <summary>The recordings' files: sysfs without /sys/devices, plain files, symbolic links, locks.</summary>
internal sealed class FlatFiles : IHostFiles
{
    private readonly SortedDictionary<string, string> _files = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _links = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _folders = new(StringComparer.Ordinal);
    private readonly HashSet<string> _executables = new(StringComparer.Ordinal);
    private readonly HashSet<string> _locked = new(StringComparer.Ordinal);

    /// <summary>What a write to an attribute does; the plain change of content where it is null.</summary>
    public Action<string, string>? AttributeWrite { get; set; }

    public void Add(string path, JsonNode? content)
    {
        if (content is JsonObject link)
        {
            AddFolder(Parent(path));
            _links[path] = (string)link["link"]!;
        }
        else if (path.EndsWith('/'))
        {
            AddFolder(path.TrimEnd('/'));
        }
        else
        {
            SetText(path, (string)content!);
        }
    }

    public void SetText(string path, string text)
    {
        AddFolder(Parent(path));
        _files[path] = text;
    }

    public string? Text(string path) => _files.GetValueOrDefault(Real(path));

    public void SetExecutable(string path, bool isExecutable)
    {
        if (isExecutable)
        {
            _executables.Add(path);
        }
        else
        {
            _executables.Remove(path);
        }
    }

    public bool IsLocked(string path) => _locked.Contains(path);

    /// <summary>Removes a file, a link, or a directory with all that is in it.</summary>
    public void RemoveTree(string path)
    {
        foreach (var key in _files.Keys.Concat(_links.Keys).Concat(_folders)
            .Where(key => key == path || key.StartsWith(path + "/", StringComparison.Ordinal)).ToList())
        {
            _files.Remove(key);
            _links.Remove(key);
            _folders.Remove(key);
        }
    }

    /// <summary>Everything below a directory as the recordings write it: empty directories end in a slash.</summary>
    public Dictionary<string, JsonNode> Snapshot(string root)
    {
        var found = new Dictionary<string, JsonNode>(StringComparer.Ordinal);
        foreach (var (path, text) in _files.Where(file => IsBelow(file.Key, root)))
        {
            found[path] = JsonValue.Create(text);
        }

        foreach (var (path, target) in _links.Where(link => IsBelow(link.Key, root)))
        {
            found[path] = new JsonObject { ["link"] = target };
        }

        foreach (var folder in _folders.Where(folder => IsBelow(folder, root) && Names(folder).Count == 0))
        {
            found[folder + "/"] = JsonValue.Create("");
        }

        return found;
    }

    public HostFileInfo? GetInfo(string path)
    {
        var real = Real(path);
        return _files.TryGetValue(real, out var text)
            ? new HostFileInfo(HostFileKind.File, _executables.Contains(real) ? 0x1ED : 0x1A4, text.Length, 0, 1, 1)
            : _folders.Contains(real) ? new HostFileInfo(HostFileKind.Directory, 0x1ED, 4096, 0, 1, 1)
            : null;
    }

    public IReadOnlyList<string>? List(string path) => _folders.Contains(Real(path)) ? Names(Real(path)) : null;

    public string? ReadLink(string path) => _links.GetValueOrDefault(Real(Parent(path)) + "/" + Name(path));

    public byte[] Read(string path, int limit) => Text(path) is { } text
        ? Encoding.UTF8.GetBytes(text)
        : throw new HostFileException("open", path, Errno.ENOENT);

    public void WriteAttribute(string path, string value)
    {
        if (AttributeWrite is { } write)
        {
            write(path, value);
        }
        else
        {
            SetAttribute(path, value);
        }
    }

    /// <summary>Changes the content of an attribute that exists.</summary>
    public void SetAttribute(string path, string value)
    {
        var real = Real(path);
        _files[real] = _files.ContainsKey(real)
            ? value + "\n"
            : throw new HostFileException("open", path, Errno.ENOENT);
    }

    public void WriteWhole(string path, ReadOnlySpan<byte> content, int mode) =>
        SetText(path, Encoding.UTF8.GetString(content));

    public void Append(string path, ReadOnlySpan<byte> content, int mode) =>
        SetText(path, Text(path) + Encoding.UTF8.GetString(content));

    public void CreateDirectory(string path, int mode) => AddFolder(path);

    public void Rename(string source, string destination)
    {
        SetText(destination, Text(source) ?? throw new HostFileException("rename", source, Errno.ENOENT));
        _files.Remove(source);
    }

    public bool Delete(string path) => _files.Remove(path) | _links.Remove(path);

    public IHostFileLock? TryLock(string path, int mode) => _locked.Add(path) ? new Held(this, path) : null;

    private static bool IsBelow(string path, string root) => path.StartsWith(root + "/", StringComparison.Ordinal);

    private static string Parent(string path) => path[..path.LastIndexOf('/')];

    private static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];

    private List<string> Names(string folder) =>
    [
        .. _files.Keys.Concat(_links.Keys).Concat(_folders)
            .Where(path => path.Length > folder.Length && Parent(path) == folder).Select(Name)
            .Distinct().Order(StringComparer.Ordinal),
    ];

    private void AddFolder(string path)
    {
        for (var folder = path; folder.Length > 0; folder = Parent(folder))
        {
            _folders.Add(folder);
        }
    }

    // Follows links in every component.
    private string Real(string path)
    {
        var real = "";
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            real = part == ".." ? Parent(real) : real + "/" + part;
            if (_links.TryGetValue(real, out var target))
            {
                real = Real(target.StartsWith('/') ? target : Parent(real) + "/" + target);
            }
        }

        return real;
    }

    private sealed class Held(FlatFiles files, string path) : IHostFileLock
    {
        public void WriteHolder(string text) => files.SetText(path, text);

        public void Dispose() => files._locked.Remove(path);
    }
}
