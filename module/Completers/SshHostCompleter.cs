using System.Globalization;

namespace VgpuPS.Completers;

/// <summary>Completes hosts that OpenSSH knows: names of ~/.ssh/config and of known_hosts.</summary>
public sealed class SshHostCompleter : HostCompleter
{
    private protected override IEnumerable<Completion> Complete(
        IReadOnlyDictionary<string, object?> bound, string word)
    {
        var user = word[..(word.IndexOf('@', StringComparison.Ordinal) + 1)];
        return SshNames.Find(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".ssh"))
            .Select(n => new Completion(user + n.Name, $"{n.Name}, from {n.File}"));
    }
}

/// <summary>Names of hosts in OpenSSH's files.</summary>
/// <remarks>Source: ssh_config(5), Host and Include; sshd(8), SSH_KNOWN_HOSTS FILE FORMAT.</remarks>
internal static class SshNames
{
    private const int LargestFile = 1 << 20;
    private const string StandardPort = ":22";

    private static readonly char[] s_blanks = [' ', '\t'];

    /// <summary>Names without patterns and hashes, in the files' order; files that cannot be read have none.</summary>
    /// <param name="folder">The folder .ssh of a user.</param>
    public static IReadOnlyList<(string Name, string File)> Find(string folder)
    {
        var config = Path.Combine(folder, "config");
        return
        [
            .. FromConfig(config)
                .Concat(Included(folder, config).SelectMany(FromConfig))
                .Concat(FromKnownHosts(Path.Combine(folder, "known_hosts")))
                .DistinctBy(n => n.Name, StringComparer.OrdinalIgnoreCase),
        ];
    }

    private static IEnumerable<(string Name, string File)> FromConfig(string path) =>
        from words in Keywords(path, "Host")
        from name in words
        where name.IndexOfAny(['*', '?', '!']) < 0
        select (name, path);

    /// <summary>Files that the configuration includes; what these include is left out.</summary>
    private static IEnumerable<string> Included(string folder, string config) =>
        from words in Keywords(config, "Include")
        from word in words
        let home = Path.GetDirectoryName(folder)!
        let full = Path.GetFullPath(word.StartsWith("~/", StringComparison.Ordinal) ? word[2..] : word,
            word.StartsWith("~/", StringComparison.Ordinal) ? home : folder)
        from file in Glob(full)
        select file;

    private static IEnumerable<string> Glob(string full)
    {
        var (folder, name) = (Path.GetDirectoryName(full)!, Path.GetFileName(full));
        try
        {
            return [.. Directory.EnumerateFiles(folder, name).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return [];
        }
    }

    private static IEnumerable<(string Name, string File)> FromKnownHosts(string path) =>
        from line in Lines(path)
        let fields = line.Split(s_blanks, StringSplitOptions.RemoveEmptyEntries)
        where fields.Length >= 3 && fields[0][0] is not ('|' or '@')
        from name in fields[0].Split(',')
        where name.IndexOfAny(['*', '?', '!', '|']) < 0
        select (Plain(name), path);

    /// <summary><c>[pve1]:2222</c> as a destination is written; brackets stay where the address needs them.</summary>
    private static string Plain(string name)
    {
        var end = name.StartsWith('[') ? name.IndexOf("]:", StringComparison.Ordinal) : -1;
        if (end < 0)
        {
            return name;
        }

        var (host, port) = (name[1..end], name[(end + 1)..]);
        return port == StandardPort ? host : host.Contains(':', StringComparison.Ordinal) ? name : host + port;
    }

    /// <summary>Words behind a keyword, line by line.</summary>
    private static IEnumerable<string[]> Keywords(string path, string keyword) =>
        from line in Lines(path)
        let words = line.Split([.. s_blanks, '=', '"'], StringSplitOptions.RemoveEmptyEntries)
        where words.Length > 1 && string.Compare(words[0], keyword, true, CultureInfo.InvariantCulture) == 0
        select words[1..];

    private static string[] Lines(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: <= LargestFile }
                ? [.. File.ReadAllLines(path).Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#')] : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
