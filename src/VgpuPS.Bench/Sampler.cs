namespace VgpuPS.Bench;

/// <summary>Keeps the GPU busy with one kind of work, and cuts the time into samples.</summary>
/// <remarks>
/// Operations are given in batches of a quarter of an interval, two at a time, so that the GPU always has one while the
/// other is waited for, and a stop or the end of a sample is near even where an operation takes long. Events between
/// the batches give the time that counts, the wall clock says when it was.
/// </remarks>
/// <param name="session">The GPU.</param>
/// <param name="work">The work.</param>
/// <param name="clock">Wall clock, and the one that does not jump.</param>
/// <param name="interval">Length of a sample, in seconds.</param>
internal sealed class Sampler(CudaSession session, Work work, TimeProvider clock, double interval)
{
    private const double WarmUpSeconds = 0.5;
    private const int MaxBatch = 1024;
    private const int Parts = 4;

    private readonly Queue<nint> _free = new();
    private readonly Queue<(nint End, int Count)> _given = new();
    private double _secondsPerOperation;

    /// <summary>Runs the work for half a second at least, so that clocks are up, and learns how long it
    /// takes.</summary>
    public void WarmUp(CancellationToken cancellationToken)
    {
        var begin = clock.GetTimestamp();
        for (var batch = 1; ; batch = Math.Min(MaxBatch, batch * 2))
        {
            var start = clock.GetTimestamp();
            var count = Enqueue(batch, cancellationToken);
            session.Synchronize();
            cancellationToken.ThrowIfCancellationRequested();
            _secondsPerOperation = Since(start) / count;
            if (Since(begin) >= WarmUpSeconds)
            {
                return;
            }

            // No batch of the warm-up takes much longer than the warm-up.
            batch = Math.Min(batch, (int)Math.Max(1, WarmUpSeconds / 4 / Math.Max(1e-9, _secondsPerOperation)));
        }
    }

    /// <summary>Measures, at least for so long, and at least one sample.</summary>
    /// <param name="seconds">How long.</param>
    /// <param name="take">Gets each sample when it is there.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>How long it took from the first operation to the end of the last sample, in seconds.</returns>
    public double Run(double seconds, Action<Sample> take, CancellationToken cancellationToken)
    {
        var (started, startTime) = (clock.GetTimestamp(), clock.GetUtcNow());
        var (sampleStart, lastEnd) = (started, started);
        var begin = Mark();
        var count = 0;
        Give(cancellationToken);
        while (true)
        {
            Give(cancellationToken);
            var (end, done) = _given.Dequeue();
            session.Driver.Await(end);
            cancellationToken.ThrowIfCancellationRequested();
            count += done;
            _secondsPerOperation = Since(lastEnd) / done;
            lastEnd = clock.GetTimestamp();
            if (Since(sampleStart) < interval * (1 - (0.5 / Parts)))
            {
                _free.Enqueue(end);
                continue;
            }

            var endTime = clock.GetUtcNow();
            take(new(startTime, endTime, count, Rate(count, session.Driver.GetElapsed(begin, end))));
            if (Since(started) is var all && all >= seconds)
            {
                return all;
            }

            _free.Enqueue(begin);
            (begin, sampleStart, startTime, count) = (end, lastEnd, endTime, 0);
        }
    }

    private double Rate(int count, float milliseconds) => milliseconds > 0
        ? work.Amount * count / (milliseconds * 1e6)
        : throw new BenchFailure(
            ExitCodes.Device, $"cuEventElapsedTime says {milliseconds} ms for {count} operations",
            "restart the guest and try again; events must work for anything to be measured");

    private void Give(CancellationToken cancellationToken)
    {
        var wanted = interval / Parts / Math.Max(1e-9, _secondsPerOperation);
        var count = Enqueue((int)Math.Clamp(wanted, 1, MaxBatch), cancellationToken);
        _given.Enqueue((Mark(), count));
    }

    private int Enqueue(int batch, CancellationToken cancellationToken)
    {
        for (var i = 0; i < batch; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            work.Enqueue();
        }

        return batch;
    }

    private nint Mark()
    {
        var mark = _free.TryDequeue(out var free) ? free : session.CreateEvent();
        session.Driver.Record(mark, session.Stream);
        return mark;
    }

    private double Since(long timestamp) => clock.GetElapsedTime(timestamp).TotalSeconds;
}

/// <summary>One interval of a measurement.</summary>
/// <param name="Start">When it began, by the wall clock.</param>
/// <param name="End">When it ended.</param>
/// <param name="Count">Copies or launches in it.</param>
/// <param name="Value">What they came to, in the unit of the work.</param>
internal readonly record struct Sample(DateTimeOffset Start, DateTimeOffset End, int Count, double Value);
