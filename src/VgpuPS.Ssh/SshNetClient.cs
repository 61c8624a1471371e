using System.Security;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Text;
using VgpuPS.Host.Ssh;

namespace VgpuPS.Ssh;

/// <summary>Logs in with a password, or with a key and its passphrase: where OpenSSH would have to ask at a
/// terminal.</summary>
public sealed class SshNetClient : ISshClient
{
    private readonly SshNetOptions _options;
    private readonly KeyFile? _key;
    private readonly Lazy<HostKeyCheck> _hostKeys;

    /// <summary>Reads the private key, where one is named; known hosts are read with the first connection.</summary>
    /// <param name="options">How to connect.</param>
    /// <exception cref="VgpuException">The key cannot be used, or there is no password.</exception>
    public SshNetClient(SshNetOptions options)
    {
        if (options is { KeyFilePath: null, Password.Length: 0 })
        {
            throw new InvalidRequestException(
                ErrorIds.CredentialUnusable,
                "the credential's password is empty, which sshd does not accept by default",
                "provide the password: -Credential (Get-Credential root); or name a key: "
                    + "-KeyFilePath ~/.ssh/id_ed25519");
        }

        _options = options;
        _key = options.KeyFilePath is { } path ? KeyFile.Load(path, options.Password) : null;
        _hostKeys = new Lazy<HostKeyCheck>(() => new HostKeyCheck(
            KnownHostsFiles.Read([.. options.UserKnownHostsFiles, .. options.GlobalKnownHostsFiles]), options));
    }

    /// <inheritdoc/>
    public TimeSpan ConnectingTimeout => _options.ConnectingTimeout;

    /// <inheritdoc/>
    public async Task<ISshProgram> StartAsync(
        SshDestination destination, string command, TimeSpan limit, CancellationToken cancellationToken)
    {
        var program = new SshNetProgram(
            destination, command, new Login(destination, _options.Password, _key), _hostKeys.Value);
        await program.StartAsync(limit, cancellationToken).ConfigureAwait(false);
        return program;
    }

    /// <inheritdoc/>
    public void Dispose() => _key?.Dispose();
}

/// <summary>How the library is to connect and log in, beside the destination.</summary>
public sealed record SshNetOptions
{
    private static readonly string s_home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    /// <summary>Longest time to set a session up, agent included.</summary>
    public TimeSpan ConnectingTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The password, or the passphrase of <see cref="KeyFilePath"/>.</summary>
    public required SecureString Password { get; init; }

    /// <summary>Private key to log in with instead of the password, absolute path.</summary>
    public string? KeyFilePath { get; init; }

    /// <summary>Fingerprints (<c>SHA256:…</c>) of keys to trust instead of what known_hosts says; revoked keys stay
    /// refused.</summary>
    public IReadOnlyList<string> HostKeyFingerprints { get; init; } = [];

    /// <summary>The user's files of known hosts.</summary>
    /// <remarks>Source: ssh_config(5), UserKnownHostsFile.</remarks>
    public IReadOnlyList<string> UserKnownHostsFiles { get; init; } =
        [Path.Combine(s_home, ".ssh", "known_hosts"), Path.Combine(s_home, ".ssh", "known_hosts2")];

    /// <summary>The system's files of known hosts.</summary>
    /// <remarks>Source: ssh_config(5), GlobalKnownHostsFile; on Windows %ProgramData%\ssh (assumed to be Microsoft's
    /// port's).</remarks>
    public IReadOnlyList<string> GlobalKnownHostsFiles { get; init; } =
        [Path.Combine(SystemFolder, "ssh_known_hosts"), Path.Combine(SystemFolder, "ssh_known_hosts2")];

    /// <summary>Name that the hosts' keys stand under; null for their own.</summary>
    public string? HostKeyAlias { get; init; }

    private static string SystemFolder => OperatingSystem.IsWindows()
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "ssh") : "/etc/ssh";

    /// <summary>Takes what options of the OpenSSH client can be honoured here.</summary>
    /// <param name="options">By name, as in ssh_config(5).</param>
    /// <exception cref="InvalidRequestException">One of them cannot.</exception>
    public SshNetOptions With(IReadOnlyDictionary<string, string> options)
    {
        var result = this;
        foreach (var (name, value) in options)
        {
            result = name.ToUpperInvariant() switch
            {
                "USERKNOWNHOSTSFILE" => result with { UserKnownHostsFiles = Files(value) },
                "GLOBALKNOWNHOSTSFILE" => result with { GlobalKnownHostsFiles = Files(value) },
                "HOSTKEYALIAS" => result with { HostKeyAlias = value.Trim() },
                "STRICTHOSTKEYCHECKING" when value.Trim() is "yes" or "ask" => result,
                _ => throw new InvalidRequestException(
                    ErrorIds.SshOptionRefused,
                    $"-Credential connects without OpenSSH, which the option {Clean(name)}={Clean(value)} is for",
                    "leave the option out, or leave -Credential out and log in with a key: "
                        + "Connect-VgpuHost root@HOST -Options …",
                    Clean(name)),
            };
        }

        return result;
    }

    /// <summary>Checks a fingerprint that a user wrote.</summary>
    /// <exception cref="InvalidRequestException">It is none.</exception>
    public static string ReadFingerprint(string text)
    {
        const string Prefix = "SHA256:";
        const int Base64Length = 43;
        var trimmed = text.Trim().TrimEnd('=');
        return trimmed.StartsWith(Prefix, StringComparison.Ordinal) && trimmed.Length == Prefix.Length + Base64Length
            && trimmed.AsSpan(Prefix.Length).IndexOfAnyExcept(s_base64) < 0
            ? trimmed
            : throw new InvalidRequestException(
                ErrorIds.InvalidFingerprint, $"'{Clean(text)}' is not a SHA-256 fingerprint of a host key",
                "write it as the host prints it: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub", Clean(text));
    }

    private static readonly System.Buffers.SearchValues<char> s_base64 = System.Buffers.SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

    // As ssh_config(5): names with blanks between them, "none" for no file, ~ for the home folder.
    private static List<string> Files(string value) =>
    [
        .. value.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(p => !p.Equals("none", StringComparison.OrdinalIgnoreCase))
            .Select(p => p.StartsWith("~/", StringComparison.Ordinal) ? Path.Combine(s_home, p[2..]) : p),
    ];

    private static string Clean(string text) => VisibleText.Of(text[..Math.Min(text.Length, 100)]);
}
