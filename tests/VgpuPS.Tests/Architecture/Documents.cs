using System.Text.RegularExpressions;

namespace VgpuPS.Tests.Architecture;

/// <summary>The pages below <c>src/docs</c>, and the files that may name them.</summary>
internal static partial class Documents
{
    private static readonly string[] s_folders = ["src", "module", "hookscripts", "tests", ".ci"];
    private static readonly string[] s_skipped = ["bin", "obj", "out", "docs", "data", "TestResults"];

    /// <summary>Folder of the pages.</summary>
    public static string Root { get; } = Path.Combine(Checkout.Root, "src", "docs");

    /// <summary>Lines of code and scripts, with file and number.</summary>
    public static IEnumerable<(string Where, string Text)> CodeLines() =>
        from folder in s_folders
        from file in FilesBelow(Path.Combine(Checkout.Root, folder))
        from line in File.ReadLines(file).Index()
        select ($"{Path.GetRelativePath(Checkout.Root, file)}:{line.Index + 1}", line.Item);

    /// <summary>Pages below <c>src/docs</c> that a line names but that do not exist, or not with that
    /// section.</summary>
    public static IEnumerable<string> Missing(string line)
    {
        foreach (Match mention in Mention().Matches(line))
        {
            var page = mention.Groups["page"].Value;
            var path = Path.Combine(Root, page);
            if (!File.Exists(path))
            {
                yield return page;
                continue;
            }

            if (page.EndsWith(".md", StringComparison.Ordinal))
            {
                var text = File.ReadAllLines(path);
                foreach (var section in mention.Groups["section"].Captures.Select(c => c.Value)
                    .Where(s => !HasSection(text, s)))
                {
                    yield return $"{page} {section}";
                }
            }
        }
    }

    private static IEnumerable<string> FilesBelow(string folder) =>
        Directory.EnumerateFiles(folder).Concat(Directory.EnumerateDirectories(folder)
            .Where(d => !s_skipped.Contains(Path.GetFileName(d))).SelectMany(FilesBelow));

    /// <summary>A heading, a row or an item begins with it; <c>5.3</c> may be item 3 of section 5.</summary>
    private static bool HasSection(string[] page, string section)
    {
        if (Array.Exists(page, line => Begins(line, section)))
        {
            return true;
        }

        var dot = section.LastIndexOf('.');
        return dot > 0 && page.SkipWhile(line => !line.StartsWith('#') || !Begins(line, section[..dot])).Skip(1)
            .TakeWhile(line => !line.StartsWith('#'))
            .Any(line => line.StartsWith($"{section[(dot + 1)..]}. ", StringComparison.Ordinal));
    }

    private static bool Begins(string line, string section) =>
        Regex.IsMatch(line, $@"^(?:#+ |\| |){Regex.Escape(section)}(?:\.? |\.?$)")
            && (line[0] is '#' or '|' || char.IsAsciiLetter(section[0]));

    [GeneratedRegex(
        @"(?<![\w/])(?:src/docs/)?(?<page>facts/[\w-]+\.(?:md|json)|(?:design|planner|conventions)\.md)"
        + @"(?:(?:,? sections?)? (?<section>\d+(?:\.\d+)*|\([a-z]\)|[A-Z]\d+|[A-Z](?:\.\d+)?)(?![\w/])"
        + @"(?:(?:, | and |-)(?<section>\d+(?:\.\d+)*|\([a-z]\)|[A-Z]\d+|[A-Z](?:\.\d+)?)(?![\w/]))*)?")]
    private static partial Regex Mention();
}
