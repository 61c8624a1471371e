using VgpuPS.Lab.Machine;

namespace VgpuPS.Tests.Lab.Machine;

/// <summary>
/// Runs actors on one machine, one at a time, in an order that a seed decides: they may change places at every passage
/// of the gate, and time moves to the earliest waiter's when all wait. The same seed gives the same order.
/// </summary>
/// <param name="host">The machine.</param>
/// <param name="seed">Decides the order.</param>
/// <param name="switchShare">How often a passage changes places, 0 to 1.</param>
internal sealed class LabScheduler(LabHost host, int seed, double switchShare = 0.2)
{
    private readonly Random _random = new(seed);
    private readonly List<Work> _works = [];
    private readonly List<Work> _ready = [];
    private readonly List<Work> _waiting = [];
    private readonly List<string> _order = [];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Work? _running;
    private LabDeadlockException? _deadlock;

    /// <summary>Names of the actors in the order in which they came to run.</summary>
    public IReadOnlyList<string> Order => _order;

    /// <summary>Adds an actor.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="work">What it does.</param>
    public void Add(string name, Func<Task> work) => _works.Add(new Work(name, work, _works.Count));

    /// <summary>Runs all actors to their ends.</summary>
    /// <returns>How each ended, in the order of <see cref="Add"/>: null, or its exception.</returns>
    /// <exception cref="LabDeadlockException">All that were left waited for each other.</exception>
    public IReadOnlyList<Exception?> Run()
    {
        if (_works.Count == 0)
        {
            return [];
        }

        (host.Gate.Passing, host.Clock.Blocker, host.Waiter) = (Yield, Sleep, Wait);
        try
        {
            _ready.AddRange(_works);
            Resume(Next()!);
            _done.Task.GetAwaiter().GetResult();
        }
        finally
        {
            (host.Gate.Passing, host.Clock.Blocker, host.Waiter) = (null, null, null);
        }

        return _deadlock is null ? [.. _works.Select(work => work.Failure)] : throw _deadlock;
    }

    private void Yield(string name, string actor)
    {
        if (_running is { } self && _ready.Count > 0 && _random.NextDouble() < switchShare)
        {
            _ready.Add(self);
            Yield(self);
        }
    }

    private void Sleep(TimeSpan time) => Wait(static () => false, time);

    private bool Wait(Func<bool> condition, TimeSpan limit)
    {
        var self = _running ?? throw new InvalidOperationException("Only actors wait while a scheduler runs.");
        self.Condition = condition;
        self.WakeAt = limit < TimeSpan.Zero ? null : host.Clock.GetTimestamp() + (limit.Ticks * 100);
        _waiting.Add(self);
        Yield(self);
        return condition();
    }

    private void Yield(Work self)
    {
        var next = Next();
        if (next == self)
        {
            return;
        }

        if (next is null)
        {
            throw Stop();
        }

        Resume(next);
        self.AwaitTurn();
        if (_deadlock is not null)
        {
            throw new LabDeadlockException(_deadlock.Message);
        }
    }

    // Takes the next to run from those that can; moves time where none can; null where time does not help either.
    private Work? Next()
    {
        WakeUp();
        if (_ready.Count == 0)
        {
            if (_waiting.Where(work => work.WakeAt is not null)
                .MinBy(work => (work.WakeAt, work.Index)) is not { } first)
            {
                return null;
            }

            host.Clock.AdvanceTo(first.WakeAt!.Value);
            WakeUp();
        }

        var index = _random.Next(_ready.Count);
        var chosen = _ready[index];
        _ready[index] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        _running = chosen;
        return chosen;
    }

    private void WakeUp()
    {
        if (_waiting.Count == 0)
        {
            return;
        }

        var now = host.Clock.GetTimestamp();
        for (var index = _waiting.Count - 1; index >= 0; index--)
        {
            var work = _waiting[index];
            if (work.WakeAt <= now || work.Condition!())
            {
                _waiting.RemoveAt(index);
                _ready.Add(work);
            }
        }
    }

    private void Resume(Work next)
    {
        _order.Add(next.Name);
        if (next.HasStarted)
        {
            next.GiveTurn();
            return;
        }

        next.HasStarted = true;
        var thread = new Thread(() => RunToEnd(next)) { IsBackground = true, Name = next.Name };
        thread.Start();
    }

    private void RunToEnd(Work work)
    {
        try
        {
            using (host.BeginActor(work.Name))
            {
                work.Start().GetAwaiter().GetResult();
            }
        }
#pragma warning disable CA1031 // Whatever an actor ends with is its result.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            work.Failure = failure;
        }

        if (_deadlock is not null)
        {
            return;
        }

        if (Next() is { } next)
        {
            Resume(next);
        }
        else if (_waiting.Count > 0)
        {
            _ = Stop();
        }
        else
        {
            _done.TrySetResult();
        }
    }

    private LabDeadlockException Stop()
    {
        _deadlock = new LabDeadlockException(
            $"All actors wait: {string.Join(", ", _waiting.Select(work => work.Name))}.");
        foreach (var work in _waiting)
        {
            work.GiveTurn();
        }

        _done.TrySetResult();
        return new LabDeadlockException(_deadlock.Message);
    }

    private sealed class Work(string name, Func<Task> start, int index)
    {
        private readonly object _turn = new();
        private bool _hasTurn;

        public string Name { get; } = name;

        public Func<Task> Start { get; } = start;

        public int Index { get; } = index;

        public bool HasStarted { get; set; }

        public Func<bool>? Condition { get; set; }

        public long? WakeAt { get; set; }

        public Exception? Failure { get; set; }

        // A monitor and no semaphore: with a thread each for dozens of actors, spinning before the wait costs most.
        public void AwaitTurn()
        {
            lock (_turn)
            {
                while (!_hasTurn)
                {
                    Monitor.Wait(_turn);
                }

                _hasTurn = false;
            }
        }

        public void GiveTurn()
        {
            lock (_turn)
            {
                _hasTurn = true;
                Monitor.Pulse(_turn);
            }
        }
    }
}
