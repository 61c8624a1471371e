using System.Text;

namespace VgpuPS.Bench;

/// <summary>Text from outside (command line, driver) as one line that a terminal may be given.</summary>
/// <remarks>The guest's copy of what <c>VisibleText</c> is on hosts: this program shares no code with them.</remarks>
internal static class VisibleLine
{
    /// <summary>The text, with a blank for each run of control and format characters.</summary>
    public static string Of(string text)
    {
        var visible = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            var isHidden = Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            if (!isHidden)
            {
                visible.Append(rune.ToString());
            }
            else if (visible.Length > 0 && visible[^1] != ' ')
            {
                visible.Append(' ');
            }
        }

        return visible.ToString().TrimEnd();
    }
}
