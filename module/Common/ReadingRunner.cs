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
        var missing = sessions.ToDictionary(s => s, _ => new List<VgpuException>());
        await ForEachAsync(
            sink, sessions,
            async (session, token) => select(
                await ReadAsync(sink, session, request, token).ConfigureAwait(false), session, missing[session].Add),
            cancellationToken).ConfigureAwait(false);

        foreach (var group in sessions.SelectMany(s => missing[s]).GroupBy(m => m.Target))
        {
            if (group.Count() >= sessions.Count)
            {
                sink.WriteFailure(group.First());
            }
        }
    }

    /// <summary>
    /// Asks all sessions, and writes what is found as the answers come, that of one host without another's between. One that
    /// fails is told, and the others go on.
    /// </summary>
    /// <param name="sink">Where to write.</param>
    /// <param name="sessions">The hosts.</param>
    /// <param name="read">Asks one of them.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static Task ForEachAsync(
        ICommandSink sink, IReadOnlyList<IHostSession> sessions,
        Func<IHostSession, CancellationToken, Task<IEnumerable<object>>> read, CancellationToken cancellationToken)
    {
        var turn = new Lock();
        return Parallel.ForEachAsync(
            sessions, new ParallelOptions { MaxDegreeOfParallelism = ThrottleLimit, CancellationToken = cancellationToken },
            async (session, token) =>
            {
                try
                {
                    var values = await read(session, token).ConfigureAwait(false);
                    lock (turn)
                    {
                        foreach (var value in values)
                        {
                            token.ThrowIfCancellationRequested();
                            sink.WriteObject(value);
                        }
                    }
                }
                catch (VgpuException failure)
                {
                    sink.WriteFailure(failure);
                }
            });
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
