using VgpuPS.Core.Text;

namespace VgpuPS.Host.Ssh;

/// <summary>
/// A host as the OpenSSH client takes it: <c>pve1</c>, <c>root@10.0.0.7:2222</c>, <c>[fe80::1]:22</c>.
/// </summary>
/// <param name="Host">Name, address, or an alias of the user's <c>~/.ssh/config</c>; an IPv6 address without
/// brackets.</param>
public sealed record SshDestination(string Host)
{
    private const int MaxNameLength = 255;
    private const int MaxQuoteLength = 64;

    /// <summary>Who logs in; null for what the client's configuration says.</summary>
    public string? User { get; init; }

    /// <summary>Port; null for what the client's configuration says.</summary>
    public int? Port { get; init; }

    /// <summary>Name of a session with it, and of the host on objects: without the user, with a port that was
    /// named.</summary>
    public string Name => Port is { } port ? $"{Bracketed}:{port}" : Host;

    private string Bracketed => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;

    /// <summary>Reads a destination.</summary>
    /// <param name="text">What a user wrote.</param>
    /// <param name="user">User that was named apart, or null.</param>
    /// <param name="port">Port that was named apart, or null.</param>
    /// <exception cref="InvalidRequestException">It is none.</exception>
    public static SshDestination Parse(string text, string? user = null, int? port = null)
    {
        var rest = text.Trim();
        var at = rest.LastIndexOf('@');
        var ownUser = at >= 0 ? rest[..at] : null;
        rest = rest[(at + 1)..];
        var (host, ownPort) = SplitPort(rest, text);
        if (!IsHost(host))
        {
            throw Wrong(text, $"'{AgentQuote(host)}' is not a host name or address");
        }

        if ((ownUser ?? user) is { } name && !IsUser(name))
        {
            throw Wrong(text, $"'{AgentQuote(name)}' is not a user name");
        }

        if ((ownPort ?? port) is { } number and not (> 0 and < 65536))
        {
            throw Wrong(text, $"{number} is not a port");
        }

        return new SshDestination(host) { User = ownUser ?? user, Port = ownPort ?? port };
    }

    /// <summary>A destination whose host a machine named: that and nothing else is taken from it.</summary>
    /// <param name="host">Name or address.</param>
    /// <param name="user">User.</param>
    /// <param name="port">Port.</param>
    /// <exception cref="InvalidRequestException">It is not a name or address.</exception>
    public static SshDestination OfHost(string host, string? user, int? port) => IsHost(host)
        ? new SshDestination(host) { User = user, Port = port }
        : throw Wrong(host, $"'{AgentQuote(host)}' is not a host name or address");

    /// <summary>As a user would write it.</summary>
    public override string ToString() => User is { } user ? $"{user}@{Name}" : Name;

    private static (string Host, int? Port) SplitPort(string rest, string text)
    {
        if (rest.StartsWith('['))
        {
            var end = rest.IndexOf(']', StringComparison.Ordinal);
            return end < 0 ? throw Wrong(text, "a ] is missing")
                : end == rest.Length - 1 ? (rest[1..end], null)
                : rest[end + 1] == ':' ? (rest[1..end], ReadPort(rest[(end + 2)..], text))
                : throw Wrong(text, "after ] only a port may follow");
        }

        // An address of IPv6 has several colons, and a port then needs brackets.
        var colon = rest.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 || rest.IndexOf(':', colon + 1) >= 0
            ? (rest, null) : (rest[..colon], ReadPort(rest[(colon + 1)..], text));
    }

    private static int ReadPort(string digits, string text) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? port : throw Wrong(text, $"'{AgentQuote(digits)}' is not a port");

    // A name that begins with a dash would be taken for an option.
    private static bool IsHost(string host) => host.Length is > 0 and <= MaxNameLength
        && (char.IsAsciiLetterOrDigit(host[0]) || host[0] is ':' or '_')
        && host.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ':' or '%');

    private static bool IsUser(string user) => user.Length is > 0 and <= MaxNameLength && user[0] != '-'
        && user.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '\\' or '@' or '$' or '+');

    private static string AgentQuote(string text) => VisibleText.Of(text[..Math.Min(text.Length, MaxQuoteLength)]);

    private static InvalidRequestException Wrong(string text, string what) => new(
        ErrorIds.InvalidHostName, $"'{AgentQuote(text)}' does not name a host to connect to: {what}",
        "write HOST, USER@HOST or USER@HOST:PORT: Connect-VgpuHost root@pve1:22", AgentQuote(text));
}
