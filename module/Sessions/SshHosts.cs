using VgpuPS.Host.Ssh;

namespace VgpuPS.Sessions;

/// <summary>Opens sessions over SSH.</summary>
internal static class SshHosts
{
    /// <summary>Opens a session, keeps it, and writes its host.</summary>
    /// <exception cref="VgpuException">There is no session.</exception>
    public static async Task ConnectAsync(
        ICommandSink sink, SshDestination destination, string? name, ISshClient client,
        CancellationToken cancellationToken)
    {
        var session = await HostSessions.AddAsync(
            name ?? destination.Name, destination.Name,
            async chosen => await OpenAsync(sink, destination, chosen, client, cancellationToken).ConfigureAwait(false))
            .ConfigureAwait(false);
        await ShowAsync(sink, session, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes the host of a new session; the session is closed again where the host cannot be read.</summary>
    public static async Task ShowAsync(ICommandSink sink, IHostSession session, CancellationToken cancellationToken)
    {
        try
        {
            var report = await ReadingRunner.ReadAsync(
                sink, session, new ReadHostRequest(DriverMayBeMissing: true), cancellationToken).ConfigureAwait(false);
            sink.WriteObject(report.ToHost(session.Kind).InLocalTime());
        }
        catch (Exception e) when (e is VgpuException or OperationCanceledException)
        {
            await HostSessions.RemoveAsync(session).ConfigureAwait(false);
            throw;
        }
    }

    private static async Task<SshHostSession> OpenAsync(
        ICommandSink sink, SshDestination destination, string name, ISshClient client,
        CancellationToken cancellationToken)
    {
        var session = await new SshConnector(TimeProvider.System, Random.Shared).OpenAsync(
            destination, name, client, SshHostSession.AgentCommand, null, cancellationToken).ConfigureAwait(false);
        if (session.UnexpectedOutput is { Count: > 0 } unexpected)
        {
            sink.WriteWarning(
                $"{name}: a login there prints '{unexpected[0]}' before the handshake of vgpu-hook; it was skipped; "
                    + "rc files must print nothing where there is no terminal");
        }

        return session;
    }
}
