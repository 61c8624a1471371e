namespace VgpuPS.Core.Text;

/// <summary>Words of command lines for a POSIX shell.</summary>
/// <remarks>Source: POSIX.1-2017, Shell Command Language 2.2.2: between single quotes every character stands for
/// itself.</remarks>
public static class ShellText
{
    /// <summary>The list as one command line.</summary>
    public static string Join(IEnumerable<string> words) => string.Join(' ', words.Select(Quote));

    /// <summary>The word, in quotes where it needs them.</summary>
    public static string Quote(string word) => word.Length > 0 && word.All(IsPlain)
        ? word : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c)
        || c is '-' or '_' or '.' or '/' or ':' or '=' or '+' or '@' or ',';
}
