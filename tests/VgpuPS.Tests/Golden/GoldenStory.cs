using System.Globalization;
using System.Text;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;

namespace VgpuPS.Tests.Golden;

/// <summary>What becomes of a node's files, stage by stage: each that is new, changed or gone since the stage
/// before.</summary>
internal sealed class GoldenStory
{
    private readonly LabHostNode _node;
    private readonly StringBuilder _text = new();
    private SortedDictionary<string, string> _files;

    public GoldenStory(LabHostNode node)
    {
        _node = node;
        _files = FilesOf(node);
    }

    /// <summary>Does something, and tells what it made of the files.</summary>
    public GoldenStory Then(string title, Action<LabHostNode> work)
    {
        work(_node);
        _text.Append("#### ").Append(title).Append('\n');
        var files = FilesOf(_node);
        foreach (var (path, file) in files.Where(f => _files.GetValueOrDefault(f.Key) != f.Value))
        {
            _text.Append("== ").Append(path).Append(' ').Append(file).Append('\n');
        }

        foreach (var path in _files.Keys.Where(p => !files.ContainsKey(p)))
        {
            _text.Append("== ").Append(path).Append(" is gone\n");
        }

        _files = files;
        return this;
    }

    public void Check(string name) => GoldenFile.Check(name, _text.ToString());

    /// <summary>Mode and content of every file, by path; the tests' own process id is no part of them.</summary>
    public static SortedDictionary<string, string> FilesOf(LabHostNode node)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Add(files, "", node.Host.State.Root);
        return files;
    }

    private static void Add(SortedDictionary<string, string> files, string path, LabEntry entry)
    {
        if (entry.Entries is { } entries)
        {
            foreach (var (name, child) in entries)
            {
                Add(files, $"{path}/{name}", child);
            }
        }
        else
        {
            var text = entry.Content is { } bytes ? Encoding.UTF8.GetString(bytes) : $"-> {entry.Target}";
            files[path] = $"{Convert.ToString(entry.Mode, 8)}\n"
                + text.Replace($"pid {Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}:", "pid SELF:",
                    StringComparison.Ordinal);
        }
    }
}
