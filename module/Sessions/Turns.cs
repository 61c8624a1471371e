namespace VgpuPS.Sessions;

/// <summary>Works on several things at once, and writes what each gives in their order.</summary>
internal static class Turns
{
    /// <summary>Works on all of them.</summary>
    /// <param name="sink">Where to write.</param>
    /// <param name="items">The things, in the order of their turns.</param>
    /// <param name="atOnce">Most that are worked on at once.</param>
    /// <param name="isLive">Whether what is written in its turn is written at once; else when its work has
    /// ended.</param>
    /// <param name="work">The work on one; it catches what concerns that one alone.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task ForEachAsync<T>(
        ICommandSink sink, IReadOnlyList<T> items, int atOnce, bool isLive,
        Func<T, TurnSink, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        var turns = items.Select((item, line) => (Item: item, Sink: new TurnSink(sink) { Line = line })).ToList();
        var all = Parallel.ForEachAsync(
            turns, new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellationToken },
            async (turn, stop) =>
            {
                await work(turn.Item, turn.Sink, stop).ConfigureAwait(false);
                turn.Sink.End();
            });
        foreach (var (_, turn) in turns)
        {
            if (isLive)
            {
                turn.Write();
            }

            await Task.WhenAny(turn.Ended, all).ConfigureAwait(false);
            turn.Write();
        }

        await all.ConfigureAwait(false);
    }
}
