using VgpuPS.Core.Proxmox;
using VgpuPS.Host.Operations.Setup;
using VgpuPS.Host.Ssh;

namespace VgpuPS.Changing;

/// <summary>Installs hosts over SSH: the program travels, runs from a folder that goes away again, and installs
/// itself.</summary>
/// <param name="sink">Where to write.</param>
/// <param name="source">Who asks: the command's name.</param>
/// <param name="program">The program.</param>
/// <param name="client">Connects.</param>
/// <param name="passThru">Whether the host is written afterwards.</param>
internal sealed class HostInstaller(
    ICommandSink sink, string source, HookProgram program, ISshClient client, bool passThru)
{
    /// <summary>Installs a host, and the other nodes of its cluster where that is requested.</summary>
    /// <exception cref="VgpuException">The host could not be installed; what the other nodes did is
    /// written.</exception>
    public async Task InstallAsync(
        SshDestination destination, InstallHostRequest request, bool isCluster, CancellationToken cancellationToken)
    {
        var cluster = await InstallOneAsync(destination, destination.Name, request, isCluster, cancellationToken)
            .ConfigureAwait(false);
        foreach (var node in cluster?.Nodes.Where(n => n.Name != cluster.Node) ?? [])
        {
            await sink.TryAsync(() => InstallOneAsync(
                Reach(destination, node), node.Name, request, false, cancellationToken)).ConfigureAwait(false);
        }
    }

    /// <summary>Installs on a host that a session is open with: this machine, or a simulated one.</summary>
    public async Task InstallAsync(
        IHostSession session, InstallHostRequest request, CancellationToken cancellationToken)
    {
        var change = await new ChangeRunner(sink, session, source)
            .PrepareAsync(HostUseCases.InstallHost, request, null, cancellationToken).ConfigureAwait(false);
        if (change is not null)
        {
            await change(cancellationToken).ConfigureAwait(false);
        }

        if (passThru)
        {
            var report = await ReadingRunner.ReadAsync(
                sink, session, new ReadHostRequest(DriverMayBeMissing: true), cancellationToken).ConfigureAwait(false);
            sink.WriteObject(report.ToHost(session.Kind));
        }
    }

    private async Task<ClusterReport?> InstallOneAsync(
        SshDestination destination, string name, InstallHostRequest request, bool isCluster,
        CancellationToken cancellationToken)
    {
        var session = await new SshConnector(TimeProvider.System, Random.Shared).OpenAsync(
            destination, name, client, SshHostSession.StageCommand(program.Content), program.Content,
            cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            await InstallAsync(
                session, request with { Sha256 = program.Sha256 }, cancellationToken).ConfigureAwait(false);
            return isCluster
                ? await session.RunAsync(
                    HostUseCases.ReadCluster, new ReadClusterRequest(), new SinkObserver(sink, source),
                    cancellationToken)
                    .ConfigureAwait(false)
                : null;
        }
    }

    private static SshDestination Reach(SshDestination first, ClusterNode node) => node switch
    {
        { IsOnline: false } => throw new HostConnectionException(
            ErrorIds.HostUnreachable, $"host {node.Name} is offline according to the cluster",
            $"start it, then: Install-VgpuHost -HostName {node.Name}", node.Name),
        _ => SshDestination.OfHost(node.Address ?? node.Name, first.User, first.Port),
    };
}
