namespace VgpuPS.Host.Ssh;

/// <summary>The OpenSSH client's command line: how it is to connect, beside the destination.</summary>
public sealed record SshCommandLine
{
    /// <summary>Longest time to set a connection up, agent included.</summary>
    public TimeSpan ConnectingTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Private key to use, absolute path; null for those that the client finds.</summary>
    public string? KeyFilePath { get; init; }

    /// <summary>Options of the client by name, as in ssh_config(5); they yield to what a session needs.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>The client itself, absolute path; null for the first <c>ssh</c> on the path.</summary>
    public string? ClientPath { get; init; }

    /// <summary>Arguments of the client, without the program.</summary>
    /// <param name="destination">The host.</param>
    /// <param name="command">What to run there: a text of this program's own, never a user's.</param>
    /// <exception cref="InvalidRequestException">An option is none, or would take the host's identity on
    /// trust.</exception>
    /// <remarks>
    /// Source: ssh(1), ssh_config(5): of an option given twice the first counts, so a session's own come first. Nothing
    /// touches the checking of host keys.
    /// </remarks>
    public IReadOnlyList<string> ToArguments(SshDestination destination, string command)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(ConnectingTimeout.TotalSeconds));
        List<string> arguments =
        [
            "-T",
            "-o", "BatchMode=yes",
            "-o", string.Create(CultureInfo.InvariantCulture, $"ConnectTimeout={seconds}"),
            "-o", "ServerAliveInterval=5",
            "-o", "ServerAliveCountMax=3",
            "-o", "ClearAllForwardings=yes",
            "-o", "ForwardAgent=no",
            "-o", "ForwardX11=no",
            "-o", "ControlMaster=no",
            "-o", "RemoteCommand=none",
            "-o", "PermitLocalCommand=no",
            "-o", "LogLevel=INFO",
        ];
        foreach (var (name, value) in Options.OrderBy(o => o.Key, StringComparer.OrdinalIgnoreCase))
        {
            arguments.Add("-o");
            arguments.Add(ToOption(name, value));
        }

        if (KeyFilePath is { } key)
        {
            arguments.AddRange(["-i", key, "-o", "IdentitiesOnly=yes"]);
        }

        if (destination.User is { } user)
        {
            arguments.AddRange(["-l", user]);
        }

        if (destination.Port is { } port)
        {
            arguments.AddRange(["-p", port.ToString(CultureInfo.InvariantCulture)]);
        }

        arguments.AddRange(["--", destination.Host, command]);
        return arguments;
    }

    private static string ToOption(string name, string value)
    {
        if (name.Length == 0 || !name.All(char.IsAsciiLetterOrDigit))
        {
            throw Wrong(name, $"'{name}' is not a name of an option of ssh");
        }

        if (value.Any(char.IsControl))
        {
            throw Wrong(name, $"the value of {name} has a control character");
        }

        return TakesAnyMachine(name, value)
            ? throw Wrong(name, $"{name}={value} would accept any machine as the host")
            : $"{name}={value}";
    }

    /// <remarks>
    /// Source: ssh_config(5): a key that is learnt is kept in UserKnownHostsFile; where that keeps nothing, accept-new
    /// takes every key as a new one, again at each connection.
    /// </remarks>
    private static bool TakesAnyMachine(string name, string value) => name.ToUpperInvariant() switch
    {
        "STRICTHOSTKEYCHECKING" => value.Trim() is not ("yes" or "ask" or "accept-new"),
        "USERKNOWNHOSTSFILE" => value.Split([' ', '\t', '"'], StringSplitOptions.RemoveEmptyEntries)
            .All(f => f == "none" || Path.GetFileName(f) is "null" or "zero"),
        "NOHOSTAUTHENTICATIONFORLOCALHOST" => value.Trim() != "no",
        _ => false,
    };

    private static InvalidRequestException Wrong(string name, string what) => new(
        ErrorIds.SshOptionRefused, what,
        "name options as ssh_config(5) does; accept a new host's key once: ssh HOST", name);
}
