using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace VgpuPS.Help;

/// <summary>Documentation comments of assemblies.</summary>
internal sealed partial class DocComments(params IEnumerable<XDocument> files)
{
    private readonly Dictionary<string, XElement> _members = files.SelectMany(f => f.Descendants("member"))
        .DistinctBy(m => (string)m.Attribute("name")!)
        .ToDictionary(m => (string)m.Attribute("name")!, StringComparer.Ordinal);

    /// <summary>Members that should have had a comment.</summary>
    public SortedSet<string> Missing { get; } = new(StringComparer.Ordinal);

    /// <summary>Summary of a type or property.</summary>
    public string Summary(MemberInfo member) => Text(member, "summary") ?? Miss(member);

    /// <summary>Remarks of a type; null without any.</summary>
    public string? Remarks(Type type) => Text(type, "remarks");

    /// <summary>Examples of a command: what is typed, and what it does.</summary>
    public IReadOnlyList<(string Code, string Text)> Examples(Type type)
    {
        var found = (Find(type)?.Elements("example") ?? [])
            .Select(e => (Code: Lines(e.Element("code")?.Value ?? ""), Text: Flat(e.Element("para")))).ToList();
        if (found.Count == 0 || found.Exists(e => e.Code.Length == 0 || e.Text.Length == 0))
        {
            Missing.Add($"{type.Name} (example)");
        }

        return found;
    }

    private string? Text(MemberInfo member, string part) =>
        Find(member)?.Element(part) is { } element ? Flat(element) : null;

    private XElement? Find(MemberInfo member) => _members.GetValueOrDefault(
        member is Type type ? $"T:{type.FullName}" : $"P:{member.DeclaringType!.FullName}.{member.Name}");

    private string Miss(MemberInfo member)
    {
        Missing.Add($"{member.DeclaringType?.Name}.{member.Name}");
        return "";
    }

    private static string Lines(string code) =>
        string.Join('\n', code.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0));

    private static string Flat(XElement? element) => element is null ? "" : Space().Replace(
        string.Concat(element.Nodes().Select(n => n switch
        {
            XText text => text.Value,
            XElement { Name.LocalName: "see" or "paramref" } reference => Reference(reference),
            XElement other => Flat(other),
            _ => "",
        })), " ").Trim();

    private static string Reference(XElement element)
    {
        var name = (string?)element.Attribute("cref") ?? (string?)element.Attribute("name")
            ?? (string?)element.Attribute("langword") ?? "";
        return name[(name.LastIndexOfAny(['.', ':']) + 1)..];
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
