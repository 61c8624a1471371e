using System.Text;
using System.Text.RegularExpressions;

namespace VgpuPS.Help;

/// <summary>The topic about_VgpuPS_Errors, made of the chapter's tables.</summary>
internal static partial class ErrorTopic
{
    private const int Width = 80;
    private const string Indent = "    ";

    /// <summary>Writes it.</summary>
    /// <param name="chapter">Text of <c>src/docs/errors.md</c>.</param>
    /// <exception cref="FormatException">The chapter has no tables.</exception>
    public static string Write(string chapter)
    {
        var text = new StringBuilder("""
            TOPIC
                about_VgpuPS_Errors

            SHORT DESCRIPTION
                All error ids, what they mean, and the command to begin with.

            LONG DESCRIPTION
                Scripts match on the id, which stays; messages may change:

                    try { Add-VmVgpu 101 -Memory 12GB -ErrorAction Stop }
                    catch { $_.FullyQualifiedErrorId.Split(',')[0] }

                What to do about one error is in its advice, which knows names and numbers:
                $Error[0].ErrorDetails.RecommendedAction

            """);
        var count = 0;
        foreach (var line in chapter.Split('\n').Select(l => l.TrimEnd()))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                text.Append('\n').Append(Indent).Append(line[3..]).Append('\n');
            }
            else if (Row().Match(line) is { Success: true } row)
            {
                count++;
                Add(text, row);
            }
        }

        return count == 0 ? throw new FormatException("the chapter about errors has no table")
            : text.Append("\nSEE ALSO\n").Append(Indent).Append("about_VgpuPS\n").ToString();
    }

    private static void Add(StringBuilder text, Match row)
    {
        text.Append(Indent).Append(Indent).Append(row.Groups["id"].Value).Append('\n');
        var (line, indent) = ("", $"{Indent}{Indent}{Indent}");
        foreach (var word in $"{Plain(row.Groups["meaning"].Value)}: {Plain(row.Groups["command"].Value)}".Split(' '))
        {
            if (line.Length > 0 && indent.Length + line.Length + 1 + word.Length > Width)
            {
                text.Append(indent).Append(line).Append('\n');
                line = "";
            }

            line += line.Length == 0 ? word : $" {word}";
        }

        text.Append(indent).Append(line).Append('\n');
    }

    private static string Plain(string cell) => cell.Trim().Replace("`", "", StringComparison.Ordinal);

    [GeneratedRegex(@"^\| `(?<id>[A-Za-z]+)` \|(?<meaning>[^|]*)\|(?<command>[^|]*)\|$")]
    private static partial Regex Row();
}
