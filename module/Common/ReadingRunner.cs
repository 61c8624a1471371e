using VgpuPS.Core.Errors;
using VgpuPS.Core.Inventory;
using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases;
using VgpuPS.Core.UseCases.ShowHost;

namespace VgpuPS.Common;

/// <summary>Reads hosts and writes what a command selects of each, as the answers come.</summary>
internal static class ReadingRunner
{
    /// <summary>Most hosts that are asked at once.</summary>
    public const int ThrottleLimit = 16;

    /// <summary>Reads all sessions. One that fails is told, and the others go on.</summary>
    /// <param name="sink">Where to write.</param>
    /// <param name="sessions">The hosts.</param>
    /// <param name="request">What is asked of each.</param>
    /// <param name="select">
    /// Chooses what to write of a host; calls its last argument for an identity that the host does not have, which is an
    /// error only where no host has it.
    /// </param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task RunAsync(
        ICommandSink sink, IReadOnlyList<IHostSession> sessions, ShowHostRequest request,
        Func<HostInventory, IHostSession, Action<VgpuException>, IEnumerable<object>> select,
        CancellationToken cancellationToken)
    {
        var missing = new List<VgpuException>[sessions.Count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, sessions.Count),
            new ParallelOptions { MaxDegreeOfParallelism = ThrottleLimit, CancellationToken = cancellationToken },
            async (index, token) =>
            {
                var notThere = new List<VgpuException>();
                missing[index] = notThere;
                try
                {
                    var inventory = await ReadAsync(sink, sessions[index], request, token).ConfigureAwait(false);
                    foreach (var value in select(inventory, sessions[index], notThere.Add))
                    {
                        token.ThrowIfCancellationRequested();
                        sink.WriteObject(value);
                    }
                }
                catch (VgpuException failure)
                {
                    sink.WriteFailure(failure);
                }
            }).ConfigureAwait(false);

        foreach (var group in missing.SelectMany(m => m).GroupBy(m => m.Target))
        {
            if (group.Count() >= sessions.Count)
            {
                sink.WriteFailure(group.First());
            }
        }
    }

    /// <summary>Reads one host.</summary>
    public static async Task<HostInventory> ReadAsync(
        ICommandSink sink, IHostSession session, ShowHostRequest request, CancellationToken cancellationToken)
    {
        var report = await session.RunAsync(
            HostUseCases.ShowHost, request, new SinkObserver(sink, session.Name), cancellationToken).ConfigureAwait(false);
        return new HostInventory(report, session.Name);
    }
}
