namespace VgpuPS.Help;

/// <summary>The module's manifest, with the names of its commands: PowerShell finds a command by them without loading
/// it.</summary>
internal static class Manifest
{
    private const string All = "CmdletsToExport = '*'";

    /// <summary>Puts the names of commands where the checkout's manifest has a wildcard.</summary>
    /// <exception cref="FormatException">It has none.</exception>
    public static string Fill(string manifest, IEnumerable<string> commands) =>
        manifest.Split(All) is [var before, var after]
            ? $"{before}CmdletsToExport = @({string.Concat(commands.Select(c => $"\n        '{c}'"))}\n    ){after}"
            : throw new FormatException($"the manifest does not say {All} once");
}
