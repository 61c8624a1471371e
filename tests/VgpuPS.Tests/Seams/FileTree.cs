using System.Text;
using VgpuPS.Host.Seams;

namespace VgpuPS.Tests.Seams;

/// <summary>A small tree of files in memory with links, and errnos where a test wants them.</summary>
internal sealed class FileTree : IHostFiles
{
    private readonly SortedDictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _links = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _folders = new(StringComparer.Ordinal) { ["/"] = 0 };
    private readonly Dictionary<(string Operation, string Path), int> _failures = [];
    private readonly HashSet<string> _locked = new(StringComparer.Ordinal);

    public List<(string Path, string Value)> Writes { get; } = [];

    public Action<string, string>? OnWrite { get; set; }

    public string this[string path]
    {
        get => Encoding.UTF8.GetString(_files[path]);
        set => Put(path, Encoding.UTF8.GetBytes(value));
    }

    public void Link(string path, string target)
    {
        CreateDirectory(Parent(path), 0);
        _links[path] = target;
    }

    public void Fail(string operation, string path, int errno) => _failures[(operation, path)] = errno;

    public void Hold(string path) => _locked.Add(path);

    public void Free(string path) => _locked.Remove(path);

    public void DeleteTree(string path)
    {
        foreach (var key in _files.Keys.Where(Below).ToList())
        {
            _files.Remove(key);
        }

        foreach (var key in _links.Keys.Where(Below).ToList())
        {
            _links.Remove(key);
        }

        foreach (var key in _folders.Keys.Where(Below).ToList())
        {
            _folders.Remove(key);
        }

        bool Below(string key) => key == path || key.StartsWith(path + "/", StringComparison.Ordinal);
    }

    public HostFileInfo? GetInfo(string path)
    {
        path = Resolve(path);
        return _files.TryGetValue(path, out var content)
            ? new HostFileInfo(HostFileKind.File, FileModes.Mode644, content.Length, 0, 0x1A, Inode(path))
            : _folders.TryGetValue(path, out var mode)
                ? new HostFileInfo(HostFileKind.Directory, mode, 0, 0, 0x1A, Inode(path))
                : null;
    }

    public IReadOnlyList<string>? List(string path)
    {
        Check("open", path);
        path = Resolve(path);
        return _folders.ContainsKey(path)
            ? [.. _files.Keys.Concat(_links.Keys).Concat(_folders.Keys)
                .Where(key => key != "/" && Parent(key) == path)
                .Select(key => key[(key.LastIndexOf('/') + 1)..])
                .Order(StringComparer.Ordinal)]
            : null;
    }

    public string? ReadLink(string path) =>
        _links.GetValueOrDefault(Resolve(Parent(path)) + path[path.LastIndexOf('/')..]);

    public byte[] Read(string path, int limit)
    {
        Check("open", path);
        Check("read", path);
        if (!_files.TryGetValue(Resolve(path), out var content))
        {
            throw new HostFileException("open", path, Errno.ENOENT);
        }

        return content.Length <= limit ? content : throw new HostFileException("read", path, Errno.EFBIG);
    }

    public void WriteAttribute(string path, string value)
    {
        Check("open", path);
        if (!_files.ContainsKey(Resolve(path)))
        {
            throw new HostFileException("open", path, Errno.ENOENT);
        }

        Check("write", path);
        Writes.Add((path, value));
        OnWrite?.Invoke(path, value);
    }

    public void WriteWhole(string path, ReadOnlySpan<byte> content, int mode)
    {
        Check("write", path);
        if (!_folders.ContainsKey(Parent(path)))
        {
            throw new HostFileException("open", path, Errno.ENOENT);
        }

        _files[path] = content.ToArray();
        Writes.Add((path, $"mode {Convert.ToString(mode, 8)}"));
    }

    public void Append(string path, ReadOnlySpan<byte> content, int mode)
    {
        Check("write", path);
        _files[path] = [.. _files.GetValueOrDefault(path, []), .. content];
    }

    public void CreateDirectory(string path, int mode)
    {
        Check("mkdir", path);
        if (!_folders.ContainsKey(Resolve(path)))
        {
            CreateDirectory(Parent(path), mode);
            _folders[path] = mode;
        }
    }

    public void Rename(string source, string destination)
    {
        Check("rename", source);
        if (!_files.Remove(source, out var content))
        {
            throw new HostFileException("rename", source, Errno.ENOENT);
        }

        _files[destination] = content;
    }

    public bool Delete(string path) => _files.Remove(path);

    public IHostFileLock? TryLock(string path, int mode)
    {
        Check("open", path);
        _files.TryAdd(path, []);
        return _locked.Add(path) ? new HeldLock(this, path) : null;
    }

    private static string Parent(string path) => path.LastIndexOf('/') is > 0 and var end ? path[..end] : "/";

    private static ulong Inode(string path) => (uint)path.Aggregate(17, (hash, c) => unchecked((hash * 31) + c));

    private void Put(string path, byte[] content)
    {
        CreateDirectory(Parent(path), 0);
        _files[path] = content;
    }

    private void Check(string operation, string path)
    {
        if (_failures.TryGetValue((operation, path), out var errno))
        {
            throw new HostFileException(operation, path, errno);
        }
    }

    // Absolute targets and ".." only where the tests need them: links of devices and folders.
    private string Resolve(string path)
    {
        var resolved = "";
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            resolved = part == ".." ? Parent(resolved) : $"{(resolved == "/" ? "" : resolved)}/{part}";
            if (_links.TryGetValue(resolved, out var target))
            {
                resolved = Resolve(target.StartsWith('/') ? target : $"{Parent(resolved)}/{target}");
            }
        }

        return resolved.Length == 0 ? "/" : resolved;
    }

    private sealed class HeldLock(FileTree tree, string path) : IHostFileLock
    {
        public void WriteHolder(string text)
        {
            tree.Check("write", path);
            tree[path] = text;
        }

        public void Dispose() => tree.Free(path);
    }
}
