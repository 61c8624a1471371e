namespace VgpuPS.Host.Ssh;

/// <summary>Quotes an argument list for the shell on the other side: ssh joins its arguments with spaces.</summary>
/// <remarks>Source: POSIX.1-2017, Shell Command Language 2.2.2: between single quotes every character stands for itself.</remarks>
internal static class PosixQuote
{
    /// <summary>The list as one command line.</summary>
    public static string Join(IEnumerable<string> arguments) => string.Join(' ', arguments.Select(Quote));

    /// <summary>One argument.</summary>
    public static string Quote(string argument) =>
        argument.Length > 0 && argument.All(IsPlain) ? argument : $"'{argument.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or ':' or '=' or '+' or '@';
}
