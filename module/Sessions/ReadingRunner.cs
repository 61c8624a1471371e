using System.Collections.Concurrent;

namespace VgpuPS.Sessions;

/// <summary>Reads hosts and writes what a command selects of each, in their order.</summary>
internal static class ReadingRunner
{
    /// <summary>Most hosts that are asked at once.</summary>
    public const int ThrottleLimit = 16;

    /// <summary>Reads all sessions. One that fails is reported, and the others go on.</summary>
    /// <param name="sink">Where to write.</param>
    /// <param name="sessions">The hosts.</param>
    /// <param name="request">What is asked of each.</param>
    /// <param name="select">
    /// Chooses what to write of a host; calls its last argument for an identity that the host does not have, which is
    /// an error only where no host has it.
    /// </param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task RunAsync(
        ICommandSink sink, IReadOnlyList<IHostSession> sessions, ReadHostRequest request,
        Func<HostReport, IHostSession, Action<VgpuException>, IEnumerable<object>> select,
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
    /// Asks all sessions at once, and writes what is found in the order of the sessions. One that fails, in whatever
    /// way, is reported in its turn, and the others go on.
    /// </summary>
    /// <param name="sink">Where to write.</param>
    /// <param name="sessions">The hosts.</param>
    /// <param name="read">Asks one of them.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task ForEachAsync(
        ICommandSink sink, IReadOnlyList<IHostSession> sessions,
        Func<IHostSession, CancellationToken, Task<IEnumerable<object>>> read, CancellationToken cancellationToken)
    {
        using var slots = new SemaphoreSlim(ThrottleLimit);
        var answers = sessions.Select(s => ReadOneAsync(s, slots, read, cancellationToken)).ToList();
        var wrong = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            foreach (var answer in answers)
            {
                var (values, failure) = await answer.ConfigureAwait(false);
                foreach (var value in values)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    sink.WriteObject(value);
                }

                // A request that cannot be right is refused by every host in the same words.
                if (failure is not null && (failure is not InvalidRequestException || wrong.Add(failure.Message)))
                {
                    sink.WriteFailure(failure);
                }
            }
        }
        finally
        {
            // Nothing is left running, and the slot is not taken from those who wait for it.
            await Task.WhenAll(answers).ContinueWith(
                _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default)
                .ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Asks all sessions at once, and writes what is made of each answer in the order of the sessions. One that fails
    /// is reported, and the others go on; one that lacks what is named is left out where another has it.
    /// </summary>
    /// <param name="sink">Where to write.</param>
    /// <param name="sessions">The hosts.</param>
    /// <param name="useCase">What is asked of each.</param>
    /// <param name="request">With what arguments.</param>
    /// <param name="select">Chooses what to write of an answer; several may be chosen from at once.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ObjectNotFoundException">All lack it.</exception>
    public static async Task AskAsync<TRequest, TResult>(
        ICommandSink sink, IReadOnlyList<IHostSession> sessions, UseCase<TRequest, TResult> useCase, TRequest request,
        Func<IHostSession, TResult, IEnumerable<object>> select, CancellationToken cancellationToken)
        where TRequest : notnull
        where TResult : notnull
    {
        var missing = new ConcurrentDictionary<string, ObjectNotFoundException>();
        await ForEachAsync(
            sink, sessions,
            async (session, token) =>
            {
                try
                {
                    return select(session, await session.RunAsync(
                        useCase, request, new SinkObserver(sink, session.Name), token).ConfigureAwait(false));
                }
                catch (ObjectNotFoundException e)
                {
                    missing[session.Name] = e;
                    return [];
                }
            },
            cancellationToken).ConfigureAwait(false);
        if (!missing.IsEmpty && missing.Count >= sessions.Count)
        {
            throw AllLack([.. sessions.Select(s => (s.Name, missing[s.Name]))]);
        }
    }

    /// <summary>What hosts said that all lack what was named: one answer, or that of each, in their order.</summary>
    private static ObjectNotFoundException AllLack(
        IReadOnlyList<(string Host, ObjectNotFoundException Failure)> said) =>
        said.DistinctBy(s => s.Failure.Message).Count() == 1 ? said[0].Failure
        : new ObjectNotFoundException(
            said[0].Failure.ErrorId,
            "no host has it: " + string.Join("; ", said.Select(s => $"{s.Host}: {s.Failure.Message}")),
            said[0].Failure.ErrorId switch
            {
                ErrorIds.VgpuTypeNotFound => "see what each of them has: Get-VgpuType -Session *",
                ErrorIds.ProfileNotFound => "see what each of them has: Get-MigProfile -Session *",
                ErrorIds.DeviceNotFound => "see what each of them has: Get-Gpu -Session *",
                _ => said[0].Failure.RecommendedAction,
            },
            said[0].Failure.Target);

    /// <summary>Asks all sessions at once, as <c>AskAsync</c>, for what a command makes one answer of.</summary>
    /// <returns>Names and answers of those that gave one, in the order of the sessions.</returns>
    /// <exception cref="ObjectNotFoundException">All lack what is named.</exception>
    public static async Task<IReadOnlyList<(string Host, TResult Answer)>> GatherAsync<TRequest, TResult>(
        ICommandSink sink, IReadOnlyList<IHostSession> sessions, UseCase<TRequest, TResult> useCase, TRequest request,
        CancellationToken cancellationToken)
        where TRequest : notnull
        where TResult : notnull
    {
        var answers = new ConcurrentDictionary<string, TResult>();
        await AskAsync(
            sink, sessions, useCase, request,
            (session, answer) =>
            {
                answers[session.Name] = answer;
                return [];
            },
            cancellationToken).ConfigureAwait(false);
        return [.. sessions.Where(s => answers.ContainsKey(s.Name)).Select(s => (s.Name, answers[s.Name]))];
    }

    private static async Task<(IReadOnlyList<object> Values, VgpuException? Failure)> ReadOneAsync(
        IHostSession session, SemaphoreSlim slots,
        Func<IHostSession, CancellationToken, Task<IEnumerable<object>>> read, CancellationToken cancellationToken)
    {
        await slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // The local host and simulated ones are read on the thread that asks.
            var values = await Task.Run(
                () => read(session, cancellationToken), cancellationToken).ConfigureAwait(false);
            return ([.. values], null);
        }
        catch (VgpuException failure)
        {
            return ([], failure);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return ([], new UnreadableDataException(
                ErrorIds.AgentFault, $"host {session.Name}: its answer cannot be used: {e.GetType().Name}: {e.Message}",
                $"update both to one version: Update-VgpuHost -HostName {session.Name}", session.Name, e));
        }
        finally
        {
            slots.Release();
        }
    }

    /// <summary>Reads a host. A GPU that cannot be read is a failure beside the rest; what else cannot be is a
    /// warning.</summary>
    public static async Task<HostReport> ReadAsync(
        ICommandSink sink, IHostSession session, ReadHostRequest request, CancellationToken cancellationToken)
    {
        var report = await session.RunAsync(
            HostUseCases.ReadHost, request, new SinkObserver(sink, session.Name), cancellationToken)
            .ConfigureAwait(false);
        foreach (var problem in report.Problems)
        {
            var failure = problem.ToException(session.Name);
            if (problem.Gpu is not null)
            {
                sink.WriteFailure(failure);
            }
            else
            {
                sink.WriteWarning(failure.Message);
            }
        }

        return report;
    }
}
