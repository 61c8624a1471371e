using VgpuPS.Host.Ssh;

namespace VgpuPS.Host.Sessions;

/// <summary>Opens sessions over SSH: tries again where a server refuses for now, and checks who answers.</summary>
/// <param name="clock">Clock of time limits and pauses.</param>
/// <param name="random">Spreads the tries of many hosts.</param>
public sealed class SshConnector(TimeProvider clock, Random random)
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(300);

    /// <summary>Opens a session.</summary>
    /// <param name="destination">The host.</param>
    /// <param name="name">Name of the session.</param>
    /// <param name="client">Connects.</param>
    /// <param name="command">What to run there; <see cref="SshHostSession.AgentCommand"/>.</param>
    /// <param name="upload">What that reads before the agent's lines; null for nothing.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="VgpuException">There is no session: why, and what to do.</exception>
    public async Task<SshHostSession> OpenAsync(
        SshDestination destination, string name, ISshClient client, string command, byte[]? upload,
        CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        for (var pause = s_firstPause; ; pause *= 2)
        {
            try
            {
                var remaining = client.ConnectingTimeout - clock.GetElapsedTime(started);
                var session = await SshHostSession.OpenAsync(
                    destination, name, client, remaining, command, upload, clock,
                    cancellationToken).ConfigureAwait(false);
                await CheckAsync(session).ConfigureAwait(false);
                return session;
            }
            catch (HostConnectionException e) when (e.IsTransient)
            {
                // Between half of the pause and one and a half: hosts that were refused together come back apart.
                var wait = pause * (0.5 + random.NextDouble());
                if (clock.GetElapsedTime(started) + wait >= client.ConnectingTimeout)
                {
                    throw;
                }

                await Task.Delay(wait, clock, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static async Task CheckAsync(SshHostSession session)
    {
        try
        {
            AgentProtocol.CheckVersion(session.Agent, session.Destination.ToString(), ProgramVersion.Own);
            if (!session.Agent.IsRoot)
            {
                throw new AccessDeniedException(
                    ErrorIds.NotRoot,
                    $"host {session.Name} accepts {session.Agent.User}, and only root may read and change the state of "
                        + "Proxmox and the driver",
                    $"connect as root: Connect-VgpuHost root@{session.Destination.Name}", session.Name);
            }
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
