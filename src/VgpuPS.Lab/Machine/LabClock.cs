namespace VgpuPS.Lab.Machine;

/// <summary>
/// Time of the machine: it moves only on request. A wait (the timer of a task, as in <c>Task.Delay</c>) moves it by
/// itself while <see cref="AutoAdvance"/> is on; other timers, such as those of a cancellation, fire when it passes
/// them.
/// </summary>
public sealed class LabClock : TimeProvider
{
    private const long NanosecondsPerTick = 100;
    private const int SharedSpeed = 10;
    private const int LockedSpeed = 100;

    private static readonly TimeSpan s_poll = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_maxPause = TimeSpan.FromMilliseconds(200);

    private readonly Lock _sync = new();
    private readonly List<LabTimer> _timers = [];
    private readonly LabHost _host;

    internal LabClock(LabHost host) => _host = host;

    /// <summary>Whether waits move the clock.</summary>
    public bool AutoAdvance { get; set; } = true;

    /// <summary>Whether waits take as long for those outside as for the machine.</summary>
    public bool IsPaced { get; set; }

    /// <summary>Nanoseconds.</summary>
    public override long TimestampFrequency => 1_000_000_000;

    /// <summary>UTC.</summary>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>Blocks the running actor for a time, when a scheduler runs; null without one.</summary>
    internal Action<TimeSpan>? Blocker { get; set; }

    /// <summary>The wall clock.</summary>
    public override DateTimeOffset GetUtcNow() =>
        _host.With(state => new DateTimeOffset(state.WallTicks, TimeSpan.Zero));

    /// <summary>The monotonic clock.</summary>
    public override long GetTimestamp() => _host.With(state => state.MonotonicNs);

    /// <summary>Moves both clocks on; timers that are passed fire in order.</summary>
    /// <param name="time">How far; not negative.</param>
    public void Advance(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        AdvanceTo(GetTimestamp() + (time.Ticks * NanosecondsPerTick));
    }

    /// <summary>Sets the wall clock alone, as an administrator or NTP does.</summary>
    /// <param name="time">The new time.</param>
    public void SetWallClock(DateTimeOffset time) => _host.With(state =>
    {
        state.WallTicks = time.UtcTicks;
        _host.Change();
        return state;
    });

    /// <summary>Makes a timer; see the class for when it fires.</summary>
    /// <param name="callback">What it calls.</param>
    /// <param name="state">What it is called with.</param>
    /// <param name="dueTime">When, from now.</param>
    /// <param name="period">How often then.</param>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new LabTimer(this, callback, state);
        if (state is Task && dueTime >= TimeSpan.Zero && (AutoAdvance || Blocker is not null))
        {
            Sleep(dueTime);
            callback(state);
        }
        else
        {
            timer.Change(dueTime, period);
        }

        return timer;
    }

    internal void Sleep(TimeSpan time)
    {
        if (Blocker is { } block)
        {
            block(time);
        }
        else
        {
            // Where processes share the machine their waits run side by side, so that time is not what runs fastest.
            var target = GetTimestamp() + (time.Ticks * NanosecondsPerTick);
            if (IsPaced && time > TimeSpan.Zero)
            {
                Thread.Sleep(time);
            }
            else if (_host.IsShared && time > TimeSpan.Zero)
            {
                Thread.Sleep(time / SharedSpeed < s_maxPause ? time / SharedSpeed : s_maxPause);
            }
            else if (_host.IsLockedByOthers && time > TimeSpan.Zero)
            {
                // Another thread's actor has a lock that this one may wait for: without a pause simulated minutes would
                // pass before that thread runs at all.
                Thread.Sleep(time / LockedSpeed);
            }

            AdvanceTo(target);
        }
    }

    /// <summary>Waits for something that time brings, as a program that polls does.</summary>
    /// <param name="isDone">Whether it has come.</param>
    /// <param name="limit">How long at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal void SleepUntil(Func<LabState, bool> isDone, TimeSpan limit, CancellationToken cancellationToken)
    {
        for (var left = limit; left > TimeSpan.Zero && !_host.With(isDone); left -= s_poll)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Sleep(left < s_poll ? left : s_poll);
        }
    }

    internal void AdvanceTo(long target)
    {
        while (true)
        {
            LabTimer? next;
            lock (_sync)
            {
                next = _timers.Where(timer => timer.DueNs <= target).MinBy(timer => timer.DueNs);
                if (next is not null)
                {
                    _timers.Remove(next);
                }
            }

            Move(next is null ? target : next.DueNs);
            if (next is null)
            {
                return;
            }

            next.Fire();
        }
    }

    private void Move(long target) => _host.With(state =>
    {
        if (target > state.MonotonicNs)
        {
            LabWorks.Pass(state, target);
            LabBoot.Converge(state);
            _host.Change();
        }

        return state;
    });

    private sealed class LabTimer(LabClock clock, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period = Timeout.InfiniteTimeSpan;
        private bool _isDisposed;

        public long DueNs { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var now = clock.GetTimestamp();
            lock (clock._sync)
            {
                clock._timers.Remove(this);
                if (_isDisposed)
                {
                    return false;
                }

                _period = period;
                if (dueTime >= TimeSpan.Zero)
                {
                    DueNs = now + (dueTime.Ticks * NanosecondsPerTick);
                    clock._timers.Add(this);
                }

                return true;
            }
        }

        public void Fire()
        {
            if (_period > TimeSpan.Zero)
            {
                Change(_period, _period);
            }

            callback(state);
        }

        public void Dispose()
        {
            lock (clock._sync)
            {
                _isDisposed = true;
                clock._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
