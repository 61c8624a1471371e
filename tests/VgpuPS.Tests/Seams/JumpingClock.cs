namespace VgpuPS.Tests.Seams;

/// <summary>A clock that jumps to the end of every wait at once.</summary>
internal sealed class JumpingClock : TimeProvider
{
    private static readonly DateTimeOffset s_start = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    public TimeSpan Elapsed { get; private set; }

    public List<TimeSpan> Waits { get; } = [];

    public Action? OnWait { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Elapsed.Ticks;

    public override DateTimeOffset GetUtcNow() => s_start + Elapsed;

    public void Advance(TimeSpan time) => Elapsed += time;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime >= TimeSpan.Zero)
        {
            Waits.Add(dueTime);
            Elapsed += dueTime;
            OnWait?.Invoke();
            ThreadPool.QueueUserWorkItem(_ => callback(state));
        }

        return new FiredTimer();
    }

    private sealed class FiredTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => false;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
