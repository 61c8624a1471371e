using VgpuPS.Core.Errors;
using VgpuPS.Host.Ssh;

namespace VgpuPS.Ssh;

/// <summary>Logs in with a password, or with a key and its passphrase: where OpenSSH would have to ask at a terminal.</summary>
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
                ErrorIds.InvalidRequest, "the credential's password is empty, which no sshd takes as it comes",
                "Give the password: -Credential (Get-Credential root); or name a key: -KeyFilePath ~/.ssh/id_ed25519");
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
