using System.Text;
using System.Text.RegularExpressions;

namespace VgpuPS.Core.Proxmox;

/// <summary>The sections of a file while it is read.</summary>
internal sealed partial class VmConfigDraft(PveGeneration generation)
{
    private readonly Dictionary<VmConfigSectionId, VmConfigSectionDraft> _sections = [];
    private readonly List<DroppedLine> _dropped = [];

    public VmConfigSectionDraft Section { get; private set; } = new(new(VmConfigSectionKind.Main, ""));

    public void Open(int number, string line, VmConfigSectionId id)
    {
        Keep();
        Section = new VmConfigSectionDraft(id);
        if (id.Kind == VmConfigSectionKind.Unknown)
        {
            Drop(number, line, DroppedLineKind.UnknownSection, $"skipping unknown section: '{id.Name}'");
        }
        else if (_sections.ContainsKey(id))
        {
            // Recorded of the pending section; the name of another one is assumed.
            var name = id.Kind == VmConfigSectionKind.Pending ? "pending" : id.Name;
            Drop(number, line, DroppedLineKind.DuplicateSection, $"duplicate section: {name}");
        }
    }

    public void Add(int number, string line)
    {
        if (line[0] == '#')
        {
            Section.Describe(PveText.Unescape(line[1..]) + "\n");
            return;
        }

        var match = KeyAndRest().Match(line);
        if (!match.Success)
        {
            Drop(number, line, DroppedLineKind.Unparseable, $"unable to parse config: {line}");
            return;
        }

        AddValue(number, line, match.Groups[1].Value, ValueOf(match.Groups[2].Value));
    }

    public VmConfig ToConfig()
    {
        Keep();
        var sections = _sections.Values.Select(draft => draft.ToSection()).ToList();
        return new VmConfig(
            sections.Single(section => section.Id.Kind == VmConfigSectionKind.Main) with { SnapshotState = null },
            sections.SingleOrDefault(section => section.Id.Kind == VmConfigSectionKind.Pending)
                ?? new VmConfigSectionDraft(new(VmConfigSectionKind.Pending, "")).ToSection(),
            ByName(VmConfigSectionKind.Snapshot),
            ByName(VmConfigSectionKind.Special),
            _dropped);

        Dictionary<string, VmConfigSection> ByName(VmConfigSectionKind kind) =>
            sections.Where(section => section.Id.Kind == kind)
                .ToDictionary(section => section.Id.Name, StringComparer.Ordinal);
    }

    // Perl's ":\s*(.+?)\s*$": a value of nothing but blanks is its last blank, not an empty text.
    private static string ValueOf(string rest) => PveText.IsBlank(rest) ? rest[^1..] : PveText.Trim(rest);

    private void AddValue(int number, string line, string key, string value)
    {
        switch (key)
        {
            case "description":
                Section.Describe(PveText.Unescape(value));
                break;
            case "snapstate" when value is "prepare" or "delete":
                Section.SnapshotState = value;
                break;
            case "args" when !PveText.IsBlank(value):
                Section.Values[key] = value;
                break;
            case "delete" when PveText.IsBlank(value):
                AddChecked(number, line, key, value);
                break;
            case "delete" when Section.Id.Kind == VmConfigSectionKind.Pending:
                Section.DeleteText = value;
                break;
            case "delete":
                Drop(
                    number, line, DroppedLineKind.MisplacedDelete,
                    "property 'delete' is only allowed in [PENDING]");
                break;
            default:
                AddChecked(number, line, key, value);
                break;
        }
    }

    private void AddChecked(int number, string line, string key, string value)
    {
        if (!VmConfigKeys.IsKnown(Section.Id, key))
        {
            Drop(
                number, line, DroppedLineKind.UnknownKey,
                $"unable to parse value of '{key}' - unknown setting '{key}'");
            return;
        }

        var (kept, error) = VmConfigKeys.Check(key, value);
        HostPciParse? parse = null;
        if (error is null && HostPciGrammar.IndexOf(key) is { } index)
        {
            parse = HostPciGrammar.Parse(index, value, generation);
            error = parse.Error;
        }

        if (error is not null)
        {
            Drop(number, line, DroppedLineKind.BadValue, $"unable to parse value of '{key}' - {error}");
            return;
        }

        Section.Values[key == "cdrom" ? "ide2" : key] = kept!;
        if (parse?.Entry is { } entry)
        {
            Section.HostPci[entry.Index] = entry;
        }
    }

    private void Keep()
    {
        if (Section.Id.Kind != VmConfigSectionKind.Unknown)
        {
            _sections[Section.Id] = Section;
        }
    }

    private void Drop(int number, string line, DroppedLineKind kind, string reason) =>
        _dropped.Add(new DroppedLine(number, line, Section.Id, kind, reason));

    [GeneratedRegex(@"^([a-z][a-z_-]*[0-9]*):(.+)\z", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex KeyAndRest();
}

/// <summary>One section while its lines are read.</summary>
internal sealed class VmConfigSectionDraft(VmConfigSectionId id)
{
    private StringBuilder? _description;

    public VmConfigSectionId Id { get; } = id;

    public Dictionary<string, string> Values { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<int, HostPciEntry> HostPci { get; } = [];

    public string? DeleteText { get; set; }

    public string? SnapshotState { get; set; }

    public void Describe(string text) => (_description ??= new StringBuilder()).Append(text);

    public VmConfigSection ToSection() => new(
        Id, Values, [.. HostPci.Values], _description is null ? null : PveText.TrimEnd(_description.ToString()),
        DeleteText, SnapshotState);
}
