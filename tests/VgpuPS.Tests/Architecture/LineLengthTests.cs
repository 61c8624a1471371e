using System.Text.RegularExpressions;
using Xunit;

namespace VgpuPS.Tests.Architecture;

public sealed partial class LineLengthTests
{
    private const int Limit = 120;

    [Fact]
    public void Lines_have_at_most_120_characters()
    {
        var lines = 0;
        var tooLong = new List<string>();
        var isRaw = false;
        var code = Documents.CodeLines().Where(l => l.Where.Contains(".cs:", StringComparison.Ordinal));
        foreach (var (where, text) in code)
        {
            isRaw = isRaw && !where.EndsWith(".cs:1", StringComparison.Ordinal);
            lines++;
            if (IsTooLong(text, ref isRaw))
            {
                tooLong.Add($"{where}: {text.Length} characters");
            }
        }

        Assert.True(lines > 50_000, $"only {lines} lines were looked at");
        Assert.Empty(tooLong);
    }

    [Theory]
    [InlineData("/// A comment can always be broken at a blank.", true)]
    [InlineData("        Do(\"a sentence that has blanks\", 1);", true)]
    [InlineData("/// <code>A command stands as it is typed</code>", false)]
    [InlineData("    + \"a-word\",", false)]
    [InlineData("    var text = \"\"\"{ \"a\": 1 }\"\"\";", false)]
    public void What_cannot_be_broken_may_be_longer(string line, bool isTooLong)
    {
        var longer = line.Replace("a", new string('a', Limit), StringComparison.Ordinal);
        var isRaw = false;
        Assert.Equal(isTooLong, IsTooLong(longer, ref isRaw));
        isRaw = true;
        Assert.False(IsTooLong("within a raw string " + new string('x', Limit), ref isRaw));
        Assert.True(isRaw);
    }

    /// <summary>Whether a line could have been broken and was not; raw strings, typed examples and single words
    /// cannot.</summary>
    private static bool IsTooLong(string line, ref bool isRaw)
    {
        var quotes = RawQuotes().Count(line);
        var isText = isRaw || quotes > 0;
        isRaw ^= quotes % 2 == 1;
        return line.Length > Limit && !isText && !Example().IsMatch(line) && !OneWord().IsMatch(line);
    }

    [GeneratedRegex("\"{3,}")]
    private static partial Regex RawQuotes();

    [GeneratedRegex("^ */// (<code>|[A-Z][a-z]+-[A-Z]\\w+ )")]
    private static partial Regex Example();

    [GeneratedRegex("^ *([+?:] )?\"[^ ]*\"[^ ]*$")]
    private static partial Regex OneWord();
}
