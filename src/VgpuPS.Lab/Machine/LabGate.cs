using System.IO.Enumeration;
using VgpuPS.Host.Seams;

namespace VgpuPS.Lab.Machine;

/// <summary>
/// What every call of a seam passes: it counts, notes and spoils calls. Names are those of NVML's functions, and
/// <c>read PATH</c>, <c>write PATH</c>, <c>run PROGRAM</c> and the like; patterns may hold <c>*</c> and <c>?</c>.
/// </summary>
public sealed class LabGate
{
    private readonly Lock _sync = new();
    private readonly List<Rule> _rules = [];
    private readonly List<string> _trace = [];
    private (long Left, bool IsBefore, string? Actor)? _crash;

    private enum Effect
    {
        Fail,
        Lie,
        Delay,
    }

    /// <summary>Calls so far.</summary>
    public long Count { get; private set; }

    /// <summary>Whether a crash waits for its call.</summary>
    public bool IsArmed => _crash is not null;

    /// <summary>Whether names are noted.</summary>
    public bool IsTracing { get; set; }

    /// <summary>Called at every passage, before the call, with its name and the actor's.</summary>
    public Action<string, string>? Passing { get; set; }

    /// <summary>Noted names, as <c>actor: name</c>, in order.</summary>
    public IReadOnlyList<string> Trace
    {
        get
        {
            lock (_sync)
            {
                return [.. _trace];
            }
        }
    }

    /// <summary>Ends the actor that makes the n-th call from now, before it is done.</summary>
    /// <param name="calls">From 1.</param>
    /// <param name="actor">Counts this actor's calls only; null for all.</param>
    public void CrashBefore(long calls, string? actor = null) => Arm((calls, true, actor));

    /// <summary>Ends the actor that makes the n-th call from now, after it is done.</summary>
    /// <param name="calls">From 1.</param>
    /// <param name="actor">Counts this actor's calls only; null for all.</param>
    public void CrashAfter(long calls, string? actor = null) => Arm((calls, false, actor));

    /// <summary>Makes NVML calls answer with a status.</summary>
    /// <param name="pattern">Names.</param>
    /// <param name="status">The status.</param>
    /// <param name="times">How often.</param>
    public void Fail(string pattern, NvmlStatus status, int times = 1) => Fail(pattern, (int)status, times);

    /// <summary>Makes calls answer with an errno or exit code.</summary>
    /// <param name="pattern">Names.</param>
    /// <param name="number">Errno of a file call, exit code of a program.</param>
    /// <param name="times">How often.</param>
    public void Fail(string pattern, int number, int times = 1) =>
        Add(new Rule(pattern, Effect.Fail, number, default, times));

    /// <summary>Makes calls report success without doing anything.</summary>
    /// <param name="pattern">Names.</param>
    /// <param name="times">How often.</param>
    public void Lie(string pattern, int times = 1) => Add(new Rule(pattern, Effect.Lie, 0, default, times));

    /// <summary>Makes calls take time.</summary>
    /// <param name="pattern">Names.</param>
    /// <param name="time">How long.</param>
    /// <param name="times">How often.</param>
    public void Delay(string pattern, TimeSpan time, int times = int.MaxValue) =>
        Add(new Rule(pattern, Effect.Delay, 0, time, times));

    /// <summary>Drops all faults, the count and the notes.</summary>
    public void Clear()
    {
        lock (_sync)
        {
            _rules.Clear();
            _trace.Clear();
            _crash = null;
            Count = 0;
        }
    }

    internal LabFault Pass(string name, string actor)
    {
        lock (_sync)
        {
            Count++;
            if (IsTracing)
            {
                _trace.Add($"{actor}: {name}");
            }

            var crash = CountDown(actor);
            if (_rules.Count == 0)
            {
                return new LabFault(null, false, default, crash == true, crash == false);
            }

            var fail = Take(name, Effect.Fail);
            var delay = Take(name, Effect.Delay);
            return new LabFault(
                fail?.Number, fail is null && Take(name, Effect.Lie) is not null, delay?.Time ?? default, crash == true,
                crash == false);
        }
    }

    private bool? CountDown(string actor)
    {
        if (_crash is not { } crash || (crash.Actor is { } only && only != actor))
        {
            return null;
        }

        if (crash.Left > 1)
        {
            _crash = crash with { Left = crash.Left - 1 };
            return null;
        }

        _crash = null;
        return crash.IsBefore;
    }

    private Rule? Take(string name, Effect effect)
    {
        var rule = _rules.Find(candidate => candidate.Effect == effect
            && FileSystemName.MatchesSimpleExpression(candidate.Pattern, name, ignoreCase: false));
        if (rule is not null && rule.Remaining-- <= 1)
        {
            _rules.Remove(rule);
        }

        return rule;
    }

    private void Arm((long Left, bool IsBefore, string? Actor) crash)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(crash.Left, nameof(crash));
        lock (_sync)
        {
            _crash = crash;
        }
    }

    private void Add(Rule rule)
    {
        lock (_sync)
        {
            _rules.Add(rule);
        }
    }

    private sealed class Rule(string pattern, Effect effect, int number, TimeSpan time, int times)
    {
        public string Pattern { get; } = pattern;

        public Effect Effect { get; } = effect;

        public int Number { get; } = number;

        public TimeSpan Time { get; } = time;

        public int Remaining { get; set; } = times;
    }
}

/// <summary>One call inside the machine: nobody else is in it until this is disposed.</summary>
internal readonly struct LabCall(LabHost host, string name, LabFault fault) : IDisposable
{
    public int? Refusal => fault.Number;

    public bool IsLie => fault.IsLie;

    public void Dispose() => host.Leave(name, fault);
}

/// <summary>What the gate does to one call.</summary>
/// <param name="Number">Status, errno or exit code to answer with; null for none.</param>
/// <param name="IsLie">Whether success is reported and nothing done.</param>
/// <param name="Delay">How long the call takes.</param>
/// <param name="CrashesBefore">Whether the actor ends before the call.</param>
/// <param name="CrashesAfter">Whether the actor ends when the call is done.</param>
internal readonly record struct LabFault(
    int? Number, bool IsLie, TimeSpan Delay, bool CrashesBefore, bool CrashesAfter);

/// <summary>The actor was ended by an injected crash; it does nothing on the machine any more.</summary>
/// <param name="actor">Name of the actor.</param>
/// <param name="call">The call that it ended at.</param>
internal sealed class LabCrashException(string actor, string call) : Exception($"{actor} crashed at {call}.")
{
    /// <summary>Name of the actor.</summary>
    public string Actor { get; } = actor;

    /// <summary>The call that it ended at.</summary>
    public string Call { get; } = call;
}
