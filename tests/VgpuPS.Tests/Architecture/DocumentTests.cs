using System.Text.RegularExpressions;
using Xunit;

namespace VgpuPS.Tests.Architecture;

public sealed partial class DocumentTests
{
    [Fact]
    public void Every_page_and_section_that_code_names_exists()
    {
        var mentions = 0;
        var missing = new List<string>();
        foreach (var (where, text) in Documents.CodeLines())
        {
            mentions += text.Contains("facts/", StringComparison.Ordinal) ? 1 : 0;
            missing.AddRange(Documents.Missing(text).Select(page => $"{where}: {page}"));
        }

        Assert.True(mentions > 200, $"only {mentions} lines name facts");
        missing.RemoveAll(m => m.Contains("DocumentTests.cs", StringComparison.Ordinal));
        Assert.Empty(missing);
    }

    [Theory]
    [InlineData("Source: facts/nvml.md 5 and 6: not supported", "")]
    [InlineData("Source: facts/errors.md F1-F9 and E3.", "")]
    [InlineData("Source: facts/proxmox.md (b), 0/1, on/off", "")]
    [InlineData("Source: planner.md 5.3; one by one", "")]
    [InlineData("Source: facts/host-behaviour.md 1.5.8.", "")]
    [InlineData("Source: facts/errors.md F1 and F10.", "facts/errors.md F10")]
    [InlineData("Source: facts/nvml.md 99", "facts/nvml.md 99")]
    [InlineData("Source: src/docs/facts/nothing.md 1", "facts/nothing.md")]
    [InlineData("Source: planner.md 5.9", "planner.md 5.9")]
    [InlineData("Source: facts/proxmox.md (z)", "facts/proxmox.md (z)")]
    public void A_page_or_section_that_does_not_exist_is_found(string line, string missing) =>
        Assert.Equal(missing, string.Join(' ', Documents.Missing(line)));

    [Fact]
    public void Every_path_of_this_project_that_a_source_names_exists()
    {
        var missing = from line in Documents.CodeLines()
                      where line.Text.Contains("Source:", StringComparison.Ordinal)
                      from path in OwnPath().Matches(line.Text).Select(m => m.Value)
                      let full = Path.Combine(Checkout.Root, path)
                      where !line.Where.Contains("DocumentTests.cs", StringComparison.Ordinal) && !Path.Exists(full)
                      select $"{line.Where}: {path}";
        Assert.Empty(missing);
    }

    /// <remarks>The conventions name other codebases, the design what is not built yet.</remarks>
    [Fact]
    public void Every_path_of_this_project_that_a_chapter_names_exists()
    {
        var paths = (from line in PageLines()
                     where !line.Where.StartsWith("src/docs/facts/", StringComparison.Ordinal)
                         && line.Where.Split(':')[0] is not ("src/docs/conventions.md" or "src/docs/design.md")
                     from path in OwnPath().Matches(line.Text).Select(m => m.Value)
                         .Where(p => p.Contains('/', StringComparison.Ordinal))
                     select (line.Where, Path: path)).ToList();
        Assert.True(paths.Count(p => p.Where.Contains("development.md", StringComparison.Ordinal)) > 40,
            $"only {paths.Count} paths");
        Assert.All(paths, p => Assert.True(Path.Exists(Path.Combine(Checkout.Root, p.Path)), $"{p.Where}: {p.Path}"));
    }

    [Theory]
    [InlineData("src/VgpuPS.Core")]
    [InlineData("src/VgpuPS.Host")]
    [InlineData("src/VgpuPS.Host/Operations")]
    [InlineData("src/VgpuPS.Lab")]
    [InlineData("module")]
    public void Every_room_stands_in_the_table_of_the_design(string folder)
    {
        var heading = $"### `{folder.Replace("/Operations", "", StringComparison.Ordinal)}/`";
        var table = string.Join('\n', File.ReadLines(Path.Combine(Documents.Root, "design.md"))
            .SkipWhile(line => line != heading).Skip(1).TakeWhile(line => !line.StartsWith('#')));
        var rooms = Directory.GetDirectories(Path.Combine(Checkout.Root, folder)).Select(d => Path.GetFileName(d))
            .Where(d => d is not ("bin" or "obj" or "en-US")).ToList();
        Assert.NotEmpty(rooms);
        Assert.All(rooms, room => Assert.Matches($@"[` ]{room}/[` ]", table));
    }

    [Fact]
    public void No_source_is_a_number_that_nobody_can_look_up() =>
        Assert.Empty(
            from line in Documents.CodeLines().Concat(PageLines()) where BareId().IsMatch(line.Text) select line.Where);

    [Fact]
    public void Every_link_between_the_documents_leads_somewhere()
    {
        var documents = Directory.GetFiles(Documents.Root, "*.md", SearchOption.AllDirectories)
            .Append(Path.Combine(Checkout.Root, "README.md"));
        var missing = from document in documents
                      from link in Link().Matches(File.ReadAllText(document))
                      let path = link.Groups["path"].Value
                      let anchor = link.Groups["anchor"].Value
                      let target = path.Length == 0 ? document : Path.Combine(Path.GetDirectoryName(document)!, path)
                      where !Path.Exists(target) || (anchor.Length > 0 && !Anchors(target).Contains(anchor))
                      select $"{Path.GetRelativePath(Checkout.Root, document)}: {link.Value}";
        Assert.Empty(missing);
    }

    [Fact]
    public void The_readme_stays_short() =>
        Assert.InRange(new FileInfo(Path.Combine(Checkout.Root, "README.md")).Length, 1, 10_000);

    private static IEnumerable<(string Where, string Text)> PageLines() =>
        from page in Directory.GetFiles(Documents.Root, "*", SearchOption.AllDirectories)
        from line in File.ReadLines(page).Index()
        select ($"{Path.GetRelativePath(Checkout.Root, page)}:{line.Index + 1}", line.Item);

    /// <summary>Anchors of a page's headings, as GitHub makes them.</summary>
    private static IEnumerable<string> Anchors(string page) =>
        File.ReadLines(page).Where(line => line.StartsWith('#')).Select(line =>
            NoAnchor().Replace(line.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex(@"(?<![\w/.])(?:src/VgpuPS|src/docs|tests|module|hookscripts)[\w./-]*\w")]
    private static partial Regex OwnPath();

    [GeneratedRegex(@"\b[Ii]ds? \d{7,}|public text (?:no\.|number)? ?\d{7,}")]
    private static partial Regex BareId();

    [GeneratedRegex(@"\]\((?!https?:)(?<path>[^)#\s]*)(?:#(?<anchor>[^)\s]*))?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoAnchor();
}
