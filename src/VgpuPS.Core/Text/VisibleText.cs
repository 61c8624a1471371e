using System.Text;

namespace VgpuPS.Core.Text;

/// <summary>
/// Text from outside (guests, agents, files, command lines) as a terminal may be given it: what would move the cursor,
/// reorder the line or not show at all stands there as an escape, such as <c>\e[2J</c> or <c>\u202E</c>.
/// </summary>
/// <remarks>
/// Source: Unicode categories Cc, Cf, Zl, Zp and Cs: control characters, format characters (bidirectional overrides and
/// isolates, zero width, tags), line and paragraph separators, half characters.
/// </remarks>
public static class VisibleText
{
    /// <summary>The text with everything visible; what is visible already stays as it is.</summary>
    /// <param name="text">The text.</param>
    /// <param name="keepLines">Whether ends of lines and tabs stay: for text that is several lines by its
    /// nature.</param>
    public static string Of(string text, bool keepLines = false)
    {
        var first = text.AsSpan().IndexOfAnyExceptInRange(' ', '~');
        if (first < 0)
        {
            return text;
        }

        var visible = new StringBuilder(text.Length + 16).Append(text, 0, first);
        var rest = text.AsSpan(first);
        while (!rest.IsEmpty)
        {
            var isWhole = Rune.DecodeFromUtf16(rest, out var rune, out var length)
                == System.Buffers.OperationStatus.Done;
            if (!isWhole)
            {
                visible.Append(CultureInfo.InvariantCulture, $"\\u{(int)rest[0]:X4}");
            }
            else if (IsKept(rune, rest[length..], keepLines))
            {
                visible.Append(rest[..length]);
            }
            else
            {
                visible.Append(Escape(rune));
            }

            rest = rest[length..];
        }

        return visible.ToString();
    }

    private static bool IsKept(Rune rune, ReadOnlySpan<char> next, bool keepLines) => rune.Value switch
    {
        '\n' or '\t' => keepLines,
        '\r' => keepLines && next is ['\n', ..],
        _ => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator),
    };

    private static string Escape(Rune rune) => rune.Value switch
    {
        '\n' => @"\n",
        '\r' => @"\r",
        '\t' => @"\t",
        '\e' => @"\e",
        > 0xffff => string.Create(CultureInfo.InvariantCulture, $"\\U{rune.Value:X8}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}"),
    };
}
