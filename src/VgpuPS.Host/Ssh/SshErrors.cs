using VgpuPS.Core.Text;

namespace VgpuPS.Host.Ssh;

/// <summary>Determines from an ended client why there is no connection: what is wrong, and what to do.</summary>
/// <remarks>
/// Source: texts of OpenSSH 9.2's <c>ssh</c> (sshconnect.c, sshconnect2.c, packet.c, kex.c), which ends with 255 for
/// its own errors and else with the remote program's code; 126 and 127 are a shell's.
/// </remarks>
public static class SshErrors
{
    /// <summary>Exit code of a host's shell for a program that did not arrive as it was sent; EX_PROTOCOL of
    /// sysexits.h.</summary>
    internal const int NotAsSent = 76;

    private const int ClientFailed = 255;
    private const int NotExecutable = 126;
    private const int NotFound = 127;
    private const int UsageError = 64;
    private const int CannotCreate = 73;
    private const int MaxLines = 3;

    private static readonly string[] s_refusedForNow =
    [
        "kex_exchange_identification", "ssh_exchange_identification", "Connection reset by", "Connection closed by",
        "Exceeded MaxStartups",
    ];

    /// <summary>Whether a server refused because too many others were connecting; a later try may succeed.</summary>
    /// <remarks>
    /// Source: sshd_config(5), MaxStartups 10:30:100; facts/linux-and-build.md E: from 11 connections on, exit code
    /// 255.
    /// </remarks>
    public static bool IsRefusedForNow(int? exitCode, string error) => exitCode == ClientFailed
        && s_refusedForNow.Any(t => error.Contains(t, StringComparison.Ordinal))
        && !error.Contains("Permission denied", StringComparison.Ordinal)
        && !error.Contains("HOST IDENTIFICATION", StringComparison.Ordinal);

    /// <summary>The failure of a client that ended before the agent spoke.</summary>
    /// <param name="destination">The host.</param>
    /// <param name="exitCode">The client's exit code; null where it did not end in time.</param>
    /// <param name="error">What it printed to standard error.</param>
    public static VgpuException Explain(SshDestination destination, int? exitCode, string error) => exitCode switch
    {
        null => new HostTimeoutException(
            ErrorIds.HostUnreachable, $"host {destination.Name} does not answer in time{Tail(error)}",
            $"see where it hangs: {TypedSsh(destination)} true; or raise -ConnectingTimeout", destination.Name),
        ClientFailed => ExplainClient(destination, error),
        _ when error.Contains("No space left on device", StringComparison.Ordinal) => new HostNotReadyException(
            ErrorIds.WriteFailed, $"host {destination.Name} has no space left for the program{Tail(error)}",
            $"see what is full, and free space: {TypedSsh(destination)} df -h /usr/lib", destination.Name),
        CannotCreate => new AccessDeniedException(
            ErrorIds.NotRoot, $"host {destination.Name} does not let this user write to /usr/lib{Tail(error)}",
            $"connect as root: -HostName root@{destination.Name}", destination.Name),
        NotAsSent => new HostConnectionException(
            ErrorIds.ConnectionLost,
            $"the program did not arrive on host {destination.Name} as it was sent, and was not run",
            $"send it again: Install-VgpuHost -HostName {destination}", destination.Name),
        NotExecutable when error.Contains("Exec format error", StringComparison.Ordinal) => new HostConnectionException(
            ErrorIds.AgentFault, $"host {destination.Name} cannot run the program, which is for x86-64{Tail(error)}",
            $"see what machine it is: {TypedSsh(destination)} uname -m", destination.Name),
        NotFound => NoAgent(destination, "has no vgpu-hook", error),
        NotExecutable => NoAgent(destination, "has a vgpu-hook that this user may not run", error),
        UsageError when error.Contains("usage: vgpu-hook", StringComparison.Ordinal)
            || error.Contains("is no command", StringComparison.Ordinal) => new HostConnectionException(
            ErrorIds.AgentVersionMismatch, $"vgpu-hook on {destination.Name} is too old for sessions over SSH",
            $"update it: Update-VgpuHost -HostName {destination}", destination.Name),
        _ => new HostConnectionException(
            ErrorIds.AgentFault, $"vgpu-hook on {destination.Name} ended with exit code {exitCode} before the "
                + $"handshake{Tail(error)}",
            $"run it there by hand: {TypedSsh(destination)} /usr/lib/vgpups/vgpu-hook show", destination.Name),
    };

    /// <summary>The failure of a session that was open and whose client has ended.</summary>
    public static HostConnectionException ExplainDisconnect(SshDestination destination, int? exitCode, string error)
    {
        var how = exitCode switch
        {
            null => "",
            0 => ": vgpu-hook ended there",
            ClientFailed => ": the network or the host interrupted it",
            > 128 => $": vgpu-hook was ended there by signal {exitCode - 128}",
            _ => $": vgpu-hook ended there with exit code {exitCode}",
        };
        return new HostConnectionException(
            ErrorIds.ConnectionLost, $"the connection to {destination.Name} has ended{how}{Tail(error)}",
            $"connect again: Connect-VgpuHost {destination}", destination.Name);
    }

    /// <summary>How a user reaches the host.</summary>
    public static string TypedSsh(SshDestination destination)
    {
        var user = destination.User is { } name ? $"{name}@" : "";
        return destination.Port is { } port
            ? $"ssh -p {port} {user}{destination.Host}" : $"ssh {user}{destination.Host}";
    }

    private static VgpuException ExplainClient(SshDestination destination, string error)
    {
        bool Says(string text) => error.Contains(text, StringComparison.OrdinalIgnoreCase);
        var ssh = TypedSsh(destination);
        var name = destination.Name;
        if (Says("REVOKED HOST KEY"))
        {
            return new HostConnectionException(
                ErrorIds.HostKeyRevoked, $"host {name} shows a key that known_hosts revokes",
                "do not connect; give the host new keys (ssh-keygen -A there), "
                    + "or remove the @revoked line if it is wrong", name);
        }

        if (Says("REMOTE HOST IDENTIFICATION HAS CHANGED"))
        {
            return new HostConnectionException(
                ErrorIds.HostKeyChanged,
                $"host {name} shows another host key than the known one: it was reinstalled, "
                    + "or the connection is intercepted",
                "compare the key with the host's own (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub); only then: "
                    + $"ssh-keygen -R {KnownName(destination)}",
                name);
        }

        if (Says("Host key verification failed") || Says("No host key is known for")
            || Says("No ED25519 host key is known"))
        {
            return new HostConnectionException(
                ErrorIds.HostKeyUnknown, $"the host key of {name} is not known here",
                $"compare the key that this shows with the host's own, then answer yes: {ssh}", name);
        }

        if (Says("Permission denied") || Says("Too many authentication failures") || Says("UNPROTECTED PRIVATE KEY"))
        {
            return new AccessDeniedException(
                ErrorIds.AuthenticationFailed, $"host {name} rejects {destination.User ?? "this user"}{Tail(error)}",
                $"install your key there, or name another one: ssh-copy-id root@{destination.Host}; "
                    + $"Connect-VgpuHost root@{destination.Name}",
                name);
        }

        var action = Says("Bad configuration option") || Says("Bad owner or permissions") || Says("keyword")
            ? "repair the client's configuration: ssh -G " + destination.Host
            : IsRefusedForNow(ClientFailed, error)
                ? "connect fewer hosts at once (-ThrottleLimit), or raise MaxStartups in the host's sshd_config"
                : $"see whether it can be reached: {ssh} true";
        return new HostConnectionException(
            ErrorIds.HostUnreachable, $"host {name} cannot be reached{Tail(error)}", action, name)
        {
            IsTransient = IsRefusedForNow(ClientFailed, error),
        };
    }

    private static HostConnectionException NoAgent(SshDestination destination, string what, string error) => new(
        ErrorIds.AgentNotFound, $"host {destination.Name} {what}{Tail(error)}",
        $"install it: Install-VgpuHost -HostName {destination}", destination.Name);

    /// <summary>The name that ssh keeps a host's key under.</summary>
    private static string KnownName(SshDestination destination) =>
        destination.Port is { } port and not 22 ? $"'[{destination.Host}]:{port}'" : destination.Host;

    private static string Tail(string error)
    {
        var lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(l => !l.StartsWith("Warning: Permanently added", StringComparison.Ordinal) && l.Any(char.IsLetter))
            .TakeLast(MaxLines).Select(l => VisibleText.Of(l)).ToList();
        return lines.Count == 0 ? "" : ": " + string.Join("; ", lines);
    }
}
