using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace VgpuPS.Tests.Architecture;

/// <summary>
/// Rooms are the folders of Core, Host and module; a feature of Host/Operations, the simulated host and each face are
/// one room with all below them. Unused usings do not build, so a file's usings are what it refers to; its folder's
/// parent and what its project imports for all files need none, and are found by the names of their types.
/// </summary>
public sealed partial class RoomTests
{
    private static readonly IReadOnlyList<(string Room, string Path, string Text)> s_files =
    [
        .. new[] { "src", "module", "hookscripts" }
            .SelectMany(
                f => Directory.EnumerateFiles(Path.Combine(Checkout.Root, f), "*.cs", SearchOption.AllDirectories))
            .Select(f => Path.GetRelativePath(Checkout.Root, f).Replace('\\', '/'))
            .Where(
                f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal))
            .Select(f => (RoomOf(f), f, File.ReadAllText(Path.Combine(Checkout.Root, f)))),
    ];

    [Fact]
    public void No_two_rooms_refer_to_each_other()
    {
        var references = References();
        Assert.True(references.Count > 100, $"only {references.Count} references were found");
        Assert.Empty(references
            .Where(
                r => string.CompareOrdinal(r.Key.From, r.Key.To) < 0 && references.ContainsKey((r.Key.To, r.Key.From)))
            .Select(r => $"{r.Key.From} and {r.Key.To}: {r.Value}, {references[(r.Key.To, r.Key.From)]}"));
    }

    [Theory]
    [InlineData("src/VgpuPS.Core/Gpu/Ids.cs", "Core/Gpu")]
    [InlineData("src/VgpuPS.Host/HostPorts.cs", "Host")]
    [InlineData("src/VgpuPS.Host/Nvml/Native/NvmlNative.cs", "Host/Nvml")]
    [InlineData("src/VgpuPS.Host/Operations/Doctor/Checks/GpuChecks.cs", "Host/Operations/Doctor")]
    [InlineData("src/VgpuPS.Lab/Machine/State/LabGpu.cs", "Lab")]
    [InlineData("src/VgpuPS.Bench/GemmWork.cs", "Bench")]
    [InlineData("module/Commands/GetGpuCommand.cs", "module/Commands")]
    public void A_file_is_in_a_room(string path, string room) => Assert.Equal(room, RoomOf(path));

    [Fact]
    public void No_type_bears_the_name_of_its_namespace() =>
        Assert.Empty(
            from file in s_files
            let own = Namespace().Match(file.Text).Groups[1].Value.Split('.')[^1]
            from type in Types().Matches(file.Text).Select(m => m.Groups[1].Value)
            where own == type
            select $"{file.Path}: {type}");

    private static Dictionary<(string From, string To), string> References()
    {
        var rooms = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (room, _, text) in s_files)
        {
            if (Namespace().Match(text) is { Success: true } match)
            {
                rooms[match.Groups[1].Value] = room;
            }
        }

        var types = s_files.GroupBy(f => f.Room).ToDictionary(
            g => g.Key, g => g.SelectMany(f => Types().Matches(f.Text).Select(m => m.Groups[1].Value)).ToHashSet());
        var imported = s_files.Select(f => ProjectOf(f.Path)).Distinct().ToDictionary(p => p, ImportedBy);
        var references = new Dictionary<(string From, string To), string>();
        foreach (var (room, path, text) in s_files)
        {
            var used = Usings().Matches(text).Select(m => FindRoom(rooms, m.Groups[1].Value)).OfType<string>();
            var words = Words().Matches(text).Select(m => m.Value).ToHashSet(StringComparer.Ordinal);
            var silent = Parents(room)
                .Concat(imported[ProjectOf(path)].Select(n => FindRoom(rooms, n)).OfType<string>());
            foreach (var other in used.Concat(silent.Where(s => types[s].Overlaps(words))).Where(u => u != room))
            {
                references.TryAdd((room, other), path);
            }
        }

        return references;
    }

    private static string? FindRoom(Dictionary<string, string> rooms, string name)
    {
        for (var part = name; part.Length > 0; part = part[..Math.Max(0, part.LastIndexOf('.'))])
        {
            if (rooms.TryGetValue(part, out var room))
            {
                return room;
            }
        }

        return null;
    }

    private static string RoomOf(string path)
    {
        var parts = Path.GetDirectoryName(path)!.Replace('\\', '/').Split('/');
        return parts switch
        {
            ["src", "VgpuPS.Lab", ..] => "Lab",
            ["src", "VgpuPS.Host", "Operations", var feature, ..] => $"Host/Operations/{feature}",
            ["src", var project, .. var rest] => string.Join('/', [project["VgpuPS.".Length..], .. rest.Take(1)]),
            ["module", ..] => string.Join('/', parts.Take(2)),
            _ => parts[1],
        };
    }

    private static IEnumerable<string> Parents(string room) => room.Split('/') switch
    {
        ["Host", "Operations", _] => ["Host", "Host/Operations"],
        ["Host", _] => ["Host"],
        _ => [],
    };

    private static string ProjectOf(string path) =>
        path.StartsWith("module/", StringComparison.Ordinal) ? "module" : string.Join('/', path.Split('/').Take(2));

    /// <summary>Namespaces that a project file imports for all of its files.</summary>
    private static List<string> ImportedBy(string project) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(Checkout.Root, project), "*.csproj")
            .SelectMany(f => XDocument.Load(f).Descendants("Using").Attributes("Include")).Select(a => a.Value),
    ];

    [GeneratedRegex(@"^using (?:static |\w+ = )?(VgpuPS[\w.]*);", RegexOptions.Multiline)]
    private static partial Regex Usings();

    [GeneratedRegex(@"(?<![.\w])[A-Z]\w+")]
    private static partial Regex Words();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^(?:public|internal)[a-z ]* (?:class|struct|record|enum|interface|record struct) (\w+)",
        RegexOptions.Multiline)]
    private static partial Regex Types();
}
