namespace VgpuPS.Lab.Cluster;

/// <summary>A file of Proxmox's sections: read, changed and written as a whole.</summary>
/// <remarks>Source: PVE::SectionConfig, parse_config and write_config; sections keep their order.</remarks>
internal sealed class SectionFile
{
    private readonly bool _hasTypes;

    private SectionFile(bool hasTypes, string digest) => (_hasTypes, Digest) = (hasTypes, digest);

    /// <summary>SHA-1 of the content that was read.</summary>
    public string Digest { get; }

    public List<Section> Sections { get; } = [];

    /// <summary>Reads a text.</summary>
    /// <param name="text">The file.</param>
    /// <param name="hasTypes">Whether a header is <c>type: id</c>; <c>id</c> alone otherwise.</param>
    public static SectionFile Read(string text, bool hasTypes)
    {
        var file = new SectionFile(hasTypes, ConfigDigest.Of(Encoding.UTF8.GetBytes(text)));
        Section? open = null;
        foreach (var line in text.Split('\n'))
        {
            if (line.Trim().Length == 0)
            {
                open = null;
            }
            else if (line[0] is ' ' or '\t' && open is not null)
            {
                var words = line.Trim().Split((char[]?)[' ', '\t'], 2, StringSplitOptions.TrimEntries);
                open.Lines.Add((words[0], words.Length > 1 ? words[1] : ""));
            }
            else if (line[0] != '#')
            {
                var (type, id) = hasTypes && line.Split(':', 2, StringSplitOptions.TrimEntries) is [var t, var i]
                    ? (t, i) : ("", line.Trim());
                file.Sections.Add(open = new Section(type, id));
            }
        }

        return file;
    }

    public Section? Find(string id) => Sections.Find(section => section.Id == id);

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var section in Sections)
        {
            text.Append(_hasTypes ? $"{section.Type}: " : "").Append(section.Id).Append('\n');
            foreach (var (key, value) in section.Lines)
            {
                text.Append('\t').Append(key).Append(value.Length > 0 ? " " : "").Append(value).Append('\n');
            }

            text.Append('\n');
        }

        return text.ToString();
    }
}

/// <summary>A section: its type, its id and its properties in the order of the file.</summary>
internal sealed record Section(string Type, string Id)
{
    public List<(string Key, string Value)> Lines { get; } = [];

    public string? this[string key] => Lines.Find(line => line.Key == key) is { Key: not null } line
        ? line.Value : null;

    public IReadOnlyList<string> All(string key) => [.. Lines.Where(l => l.Key == key).Select(l => l.Value)];

    /// <summary>Whether a flag is set; one without a value is.</summary>
    public bool Has(string key) => this[key] is { } value && value != "0";

    /// <summary>Replaces a property; no values remove it.</summary>
    public void Set(string key, params IReadOnlyList<string> values)
    {
        Lines.RemoveAll(line => line.Key == key);
        Lines.AddRange(values.Select(value => (key, value)));
    }

    /// <summary>Writes properties in the order of the schema: what is required first, each part sorted.</summary>
    public void Sort(params IReadOnlyList<string> required)
    {
        var sorted = Lines.Select((line, index) => (line, index))
            .OrderBy(l => required.Contains(l.line.Key) ? 0 : 1)
            .ThenBy(l => l.line.Key, StringComparer.Ordinal).ThenBy(l => l.index).Select(l => l.line).ToList();
        Lines.Clear();
        Lines.AddRange(sorted);
    }
}
