namespace VgpuPS.Host.Ssh;

/// <summary>The system's OpenSSH client, one process for each program.</summary>
/// <param name="options">How it is to connect.</param>
public sealed class OpenSshClient(SshOptions options) : ISshClient
{
    /// <inheritdoc/>
    public TimeSpan ConnectingTimeout => options.ConnectingTimeout;

    /// <inheritdoc/>
    public Task<ISshProgram> StartAsync(
        SshDestination destination, string command, TimeSpan limit, CancellationToken cancellationToken)
    {
        var arguments = (options with { ConnectingTimeout = limit }).ToArguments(destination, command);
        return Task.FromResult<ISshProgram>(SshProcess.Start(options.ClientPath ?? SshClientProgram.Find(), arguments));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // It holds nothing.
    }
}
