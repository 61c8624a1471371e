using VgpuPS.Host.Ssh;

namespace VgpuPS.Host.Sessions;

/// <summary>A host that is reached over SSH, and the agent there.</summary>
public sealed class SshHostSession : IHostSession
{
    /// <summary>What the client runs on a host.</summary>
    public const string AgentCommand = $"{HookVolume.InstalledPath} agent";

    // 6 MB over a slow line.
    private static readonly TimeSpan s_uploadLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_stderrWait = TimeSpan.FromSeconds(3);

    private readonly ISshProgram _program;
    private readonly AgentChannel _channel;
    private readonly AgentClient _client;

    private SshHostSession(SshDestination destination, string name, ISshProgram program, TimeProvider clock)
    {
        Destination = destination;
        Name = name;
        _program = program;
        _channel = new AgentChannel(program.Output, program.Input);
        _client = new AgentClient(
            name, _channel, clock, async () =>
            {
                var (exitCode, error) = await program.WaitAsync(s_stderrWait).ConfigureAwait(false);
                return SshErrors.ExplainDisconnect(destination, exitCode, error);
            });
    }

    /// <summary>
    /// What brings a program to a host and runs its agent, without anything of it staying there: the login shell gets a
    /// text of ours, whose only variable parts are a number and a digest. What does not arrive as it was sent is not
    /// run.
    /// </summary>
    /// <param name="program">The program; it is read from standard input, and the agent's lines follow it.</param>
    /// <remarks>
    /// Source: head(1) reads no more of a pipe than it copies; flock(1): a folder can be locked. The folder is on the
    /// file system of the installed program: /tmp and /run may forbid programs. It is locked as long as its shell or
    /// agent lives, so the next one knows which folders killed ones have left.
    /// </remarks>
    public static string StageCommand(byte[] program) => string.Create(CultureInfo.InvariantCulture, $$"""
        exec /bin/sh -c 'umask 077; for o in /usr/lib/.vgpups-????????; do [ -d "$o" ] && flock -n "$o" rm -rf "$o"; done; d=$(mktemp -d /usr/lib/.vgpups-XXXXXXXX) || exit 73; trap "rm -rf "$d"" EXIT; trap "exit 129" HUP INT TERM; exec 9<"$d" && flock -n 9 || exit 73; head -c {{program.Length}} >"$d/vgpu-hook" || exit; [ "$(sha256sum <"$d/vgpu-hook")" = "{{Sha256.Of(program)}}  -" ] || exit {{SshErrors.NotAsSent}}; chmod 700 "$d/vgpu-hook" && "$d/vgpu-hook" agent'
        """);

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Kind => "ssh";

    /// <summary>The host as ssh knows it.</summary>
    public SshDestination Destination { get; }

    /// <summary>The agent there.</summary>
    public AgentHandshake Agent => _client.Agent!;

    /// <summary>Lines that a login there printed before the agent spoke.</summary>
    public IReadOnlyList<string> UnexpectedOutput => _client.UnexpectedOutput;

    /// <summary>Why the connection ended; null while it is open.</summary>
    public VgpuException? ConnectionError => _client.ConnectionError;

    /// <summary>Connects once and waits for the agent.</summary>
    /// <param name="destination">The host.</param>
    /// <param name="name">Name of the session.</param>
    /// <param name="client">Connects.</param>
    /// <param name="limit">Longest time for it, beside an upload.</param>
    /// <param name="command">What to run there: the agent.</param>
    /// <param name="upload">What that reads before the agent's lines; null for nothing.</param>
    /// <param name="clock">Clock of time limits.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="VgpuException">There is no session: why, and what to do.</exception>
    internal static async Task<SshHostSession> OpenAsync(
        SshDestination destination, string name, ISshClient client, TimeSpan limit, string command, byte[]? upload,
        TimeProvider clock, CancellationToken cancellationToken)
    {
        var program = await client.StartAsync(destination, command, limit, cancellationToken).ConfigureAwait(false);
        var session = new SshHostSession(destination, name, program, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stop.CancelAfter(upload is null ? limit : limit + s_uploadLimit);
        try
        {
            if (upload is not null)
            {
                session._channel.PostRaw(upload);
            }

            await session._client.OpenAsync(stop.Token).ConfigureAwait(false);
            return session;
        }
        catch (Exception e) when (e is VgpuException or OperationCanceledException)
        {
            var (exitCode, error) = await program.WaitAsync(
                e is OperationCanceledException ? TimeSpan.Zero : s_stderrWait).ConfigureAwait(false);
            await session.DisposeAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            if (e is HostConnectionException { ErrorId: ErrorIds.AgentFault })
            {
                throw;
            }

            throw SshErrors.Explain(destination, exitCode, error);
        }
    }

    /// <inheritdoc/>
    public Task<TResult> RunAsync<TRequest, TResult>(
        UseCase<TRequest, TResult> useCase, TRequest request, ISessionObserver observer,
        CancellationToken cancellationToken)
        where TRequest : notnull
        where TResult : notnull => _client.RunAsync(useCase, request, observer, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _program.DisposeAsync().ConfigureAwait(false);
        await _client.DisposeAsync().ConfigureAwait(false);
    }
}
