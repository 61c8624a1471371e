using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using VgpuPS.Core.Rows;
using VgpuPS.Host;
using VgpuPS.Sessions;

namespace VgpuPS.Help;

/// <summary>Documentation comments of assemblies.</summary>
internal sealed partial class DocComments(params IEnumerable<XDocument> files)
{
    private const string Without = "without it";

    private readonly Dictionary<string, XElement> _members = files.SelectMany(f => f.Descendants("member"))
        .DistinctBy(m => (string)m.Attribute("name")!)
        .ToDictionary(m => (string)m.Attribute("name")!, StringComparer.Ordinal);

    /// <summary>Those of the module and of the rows that it writes, which the build puts beside the
    /// assemblies.</summary>
    public static DocComments OfModule() => new(
        new[] { typeof(VgpuCmdlet), typeof(HostObject), typeof(HostPorts) }
            .Select(t => XDocument.Load(Path.ChangeExtension(t.Assembly.Location, ".xml"))));

    /// <summary>Members that should have had a comment.</summary>
    public SortedSet<string> Missing { get; } = new(StringComparer.Ordinal);

    /// <summary>Summary of a type or property.</summary>
    public string Summary(MemberInfo member) => Text(member, "summary") ?? Miss(member);

    /// <summary>Remarks of a type; null without any.</summary>
    public string? Remarks(Type type) => Text(type, "remarks");

    /// <summary>What a parameter is where it is not given, as its summary says: <c>30000 without it</c>.</summary>
    /// <returns>Null where it says nothing of that.</returns>
    public string? Default(MemberInfo property)
    {
        var clause = Clause().Split(Summary(property)).Select(c => c.Trim().TrimEnd('.'))
            .FirstOrDefault(c => c.Contains(Without, StringComparison.OrdinalIgnoreCase));
        return clause is null ? null
            : clause.EndsWith(Without, StringComparison.Ordinal) ? clause[..^Without.Length].TrimEnd(' ', ',')
            : clause.StartsWith(Without, StringComparison.OrdinalIgnoreCase) ? clause[Without.Length..].Trim() : null;
    }

    /// <summary>Examples of a command, in order.</summary>
    public IReadOnlyList<CommandExample> Examples(Type type)
    {
        var found = (Find(type)?.Elements("example") ?? []).Select(e => new CommandExample(
            Lines(e.Element("code")?.Value ?? ""), Flat(e.Element("para")), Block(e.Element("output")?.Value ?? "")))
            .ToList();
        if (found.Count == 0 || found.Exists(e => e.Code.Length == 0 || e.Text.Length == 0))
        {
            Missing.Add($"{type.Name} (example)");
        }

        return found;
    }

    /// <summary>Names of the types that a type's comment refers its reader to.</summary>
    public IReadOnlyList<string> SeeAlso(Type type) =>
        [.. (Find(type)?.Elements("seealso") ?? []).Select(e => ((string)e.Attribute("cref")!).Split(':', '.')[^1])];

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

    /// <summary>Lines of a text without what all of them are indented by.</summary>
    private static IReadOnlyList<string> Block(string text)
    {
        var lines = text.Split('\n').Select(l => l.TrimEnd()).SkipWhile(l => l.Length == 0).Reverse()
            .SkipWhile(l => l.Length == 0).Reverse().ToList();
        var indent = lines.Where(l => l.Length > 0).Select(l => l.Length - l.TrimStart().Length).DefaultIfEmpty().Min();
        return [.. lines.Select(l => l.Length > indent ? l[indent..] : "")];
    }

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

    // A sentence, or a part of one; a dot within a version or a path ends none.
    [GeneratedRegex(@"[;:] |\. (?=[A-Z])")]
    private static partial Regex Clause();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}

/// <summary>An example of a command.</summary>
/// <param name="Code">What is typed.</param>
/// <param name="Text">What it does.</param>
/// <param name="Output">What it prints, where that is shown.</param>
internal sealed record CommandExample(string Code, string Text, IReadOnlyList<string> Output)
{
    /// <summary>Whether it is about a host over SSH, which no simulated one stands for.</summary>
    public bool IsRemote => Code.Contains("pve1", StringComparison.Ordinal);
}
