namespace VgpuPS.Host.Ssh;

/// <summary>Starts programs on hosts over SSH: the system's OpenSSH client, or a library where that cannot be asked.
/// Disposing forgets what logins need; programs go on.</summary>
public interface ISshClient : IDisposable
{
    /// <summary>Longest time to set a session up, agent included.</summary>
    TimeSpan ConnectingTimeout { get; }

    /// <summary>Starts a program there, once.</summary>
    /// <param name="destination">The host.</param>
    /// <param name="command">A text for the login shell there: this program's own, never a user's.</param>
    /// <param name="limit">Longest time for it.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The program; a client that connects in the background reports its failures as the program's
    /// end.</returns>
    /// <exception cref="VgpuException">
    /// It is not started; <see cref="HostConnectionException.IsTransient"/> says whether a later try may succeed.
    /// </exception>
    Task<ISshProgram> StartAsync(
        SshDestination destination, string command, TimeSpan limit, CancellationToken cancellationToken);
}

/// <summary>A program that runs on a host: its input and output are the connection. Disposing ends it.</summary>
public interface ISshProgram : IAsyncDisposable
{
    /// <summary>What it reads.</summary>
    Stream Input { get; }

    /// <summary>What it writes.</summary>
    Stream Output { get; }

    /// <summary>Waits until it has ended by itself, and ends it where it does not.</summary>
    /// <param name="limit">How long to wait.</param>
    /// <returns>
    /// Its exit code, 255 where the connection ended before it, null where it had to be ended; and what it printed to
    /// standard error.
    /// </returns>
    Task<(int? ExitCode, string Error)> WaitAsync(TimeSpan limit);
}

/// <summary>The system's OpenSSH client, one process for each program.</summary>
/// <param name="options">How it is to connect.</param>
public sealed class OpenSshClient(SshCommandLine options) : ISshClient
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

/// <summary>The OpenSSH client of this machine.</summary>
internal static class SshClientProgram
{
    /// <summary>Where it is.</summary>
    /// <exception cref="HostConnectionException">There is none.</exception>
    /// <remarks>The current folder is not looked at: a file called ssh may lie anywhere.</remarks>
    public static string Find()
    {
        var name = OperatingSystem.IsWindows() ? "ssh.exe" : "ssh";
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return folders.Where(Path.IsPathFullyQualified).Select(f => Path.Combine(f, name)).FirstOrDefault(File.Exists)
            ?? throw new HostConnectionException(
                ErrorIds.SshNotFound, $"this machine has no OpenSSH client: no {name} on the PATH",
                OperatingSystem.IsWindows()
                    ? "install it: Add-WindowsCapability -Online -Name OpenSSH.Client~~~~0.0.1.0"
                    : "install it: apt-get install openssh-client", name);
    }
}
