
namespace VgpuPS.Changing;

/// <summary>Finds which sessions are nodes of one cluster.</summary>
internal static class ClusterSessions
{
    /// <summary>The node that sees most others, so one with quorum, of the one cluster that all open sessions are nodes
    /// of; null where there are fewer than two, where they are of several clusters, or where one does not
    /// answer.</summary>
    public static async Task<IHostSession?> FindNodeAsync(ICommandSink sink, CancellationToken cancellationToken)
    {
        var sessions = HostSessions.Connected;
        if (sessions.Count < 2)
        {
            return null;
        }

        var reports = new List<ClusterReport>();
        foreach (var session in sessions)
        {
            try
            {
                reports.Add(await session.RunAsync(
                    HostUseCases.ReadCluster, new ReadClusterRequest(), new SinkObserver(sink, session.Name),
                    cancellationToken).ConfigureAwait(false));
            }
            catch (VgpuException)
            {
                return null;
            }
        }

        // Clusters may have nodes of the same names, and a standalone host is its only node.
        var nodes = reports[0].Nodes.Select(n => (n.Name, n.Address)).ToHashSet();
        return reports.TrueForAll(r => nodes.SetEquals(r.Nodes.Select(n => (n.Name, n.Address))))
            && reports.DistinctBy(r => r.Node).Count() == reports.Count
            ? sessions.Zip(reports).MaxBy(n => n.Second.Nodes.Count(o => o.IsOnline)).First : null;
    }
}
