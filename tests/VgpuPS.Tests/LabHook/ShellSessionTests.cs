using System.Globalization;
using System.Text.RegularExpressions;
using VgpuPS.LabHook;
using VgpuPS.LabHook.Commands;
using VgpuPS.Tests.Architecture;
using Xunit;

namespace VgpuPS.Tests.LabHook;

/// <summary>The chapters' printed <c>vgpu-lab</c> sessions, typed into a shell from top to bottom.</summary>
[Trait("Duration", "Long")]
public sealed partial class ShellSessionTests : IDisposable
{
    private const string PrintedState = "/tmp/host.json";

    private readonly LabShellProcess _shell = new();
    private int _code;

    public static TheoryData<string> Chapters => new(
        Directory.GetFiles(Documents.Root, "*.md").Where(page => Blocks(page).Any())
            .Select(page => Path.GetFileName(page)!));

    public void Dispose() => _shell.Dispose();

    [Fact]
    public void There_are_sessions() => Assert.True(Chapters.Count >= 3, "the chapters print no session");

    [Theory]
    [MemberData(nameof(Chapters))]
    public void A_session_prints_what_stands_in_the_chapter(string chapter)
    {
        foreach (var block in Blocks(Path.Combine(Documents.Root, chapter)))
        {
            foreach (var (line, printed) in Commands(block))
            {
                Assert.Equal($"$ {line}\n{printed}", $"$ {line}\n{Type(line, printed)}");
            }
        }
    }

    /// <summary>What a line prints; a file that is shown is written as it is shown.</summary>
    private string Type(string line, string printed)
    {
        if (line.StartsWith("cat ", StringComparison.Ordinal))
        {
            _shell.Write(line[4..], printed);
            return printed;
        }

        return line switch
        {
            $"alias vgpu-lab='dotnet run --project hookscripts/VgpuPS.LabHook -- --state {PrintedState}'" => "",
            "echo $?" => string.Create(CultureInfo.InvariantCulture, $"{_code}\n"),
            _ => Lab(Line().Match(line)),
        };
    }

    private string Lab(Match line)
    {
        Assert.True(line.Success, $"not typed by this test: {line}");
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        var words = Word().Matches(line.Groups["words"].Value).Select(word => word.Value.Trim('"'))
            .Select(word => word == "layout.json" ? Path.Combine(Path.GetDirectoryName(_shell.State)!, word) : word);
        _code = new LabCommands(new Terminal(output, hasColours: false), output)
            .RunAsync(["--state", _shell.State, .. words], default).Result;
        var text = output.ToString().Replace(_shell.State, PrintedState, StringComparison.Ordinal);
        return line.Groups["head"] is { Success: true } head
            ? string.Concat(
                text.Split('\n').Take(int.Parse(head.Value, CultureInfo.InvariantCulture)).Select(l => l + '\n'))
            : text;
    }

    private static IEnumerable<string> Blocks(string page) =>
        Block().Matches(File.ReadAllText(page)).Select(block => block.Groups["text"].Value);

    private static IEnumerable<(string Line, string Printed)> Commands(string block) =>
        from part in block[2..].Split("\n$ ")
        let lines = part.TrimEnd('\n').Split('\n')
        select (lines[0], string.Concat(lines.Skip(1).Select(line => line + '\n')));

    [GeneratedRegex(@"^```text\n(?<text>\$ .*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^vgpu-lab (?<words>[^|]*?)(?: \| head -(?<head>\d+))?$")]
    private static partial Regex Line();

    [GeneratedRegex("\"[^\"]*\"|\\S+")]
    private static partial Regex Word();
}
