using System.Diagnostics;

namespace VgpuPS.Benchmarks.Hook;

/// <summary>Adds up the time spent inside the seams: the rest of a run is the hook's own.</summary>
internal sealed class SeamMeter
{
    private long _ticks;
    private int _depth;
    private long _entered;

    /// <summary>Calls by name.</summary>
    public Dictionary<string, int> Calls { get; } = new(StringComparer.Ordinal);

    /// <summary>Time inside.</summary>
    public TimeSpan Inside => Stopwatch.GetElapsedTime(0, _ticks);

    /// <summary>Begins a call; disposing ends it. Calls within a call count as its own.</summary>
    public Call Enter(string name)
    {
        Calls[name] = Calls.GetValueOrDefault(name) + 1;
        if (_depth++ == 0)
        {
            _entered = Stopwatch.GetTimestamp();
        }

        return new Call(this);
    }

    private void Leave()
    {
        if (--_depth == 0)
        {
            _ticks += Stopwatch.GetTimestamp() - _entered;
        }
    }

    internal readonly struct Call(SeamMeter meter) : IDisposable
    {
        public void Dispose() => meter.Leave();
    }
}
