using System.Runtime.CompilerServices;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Machine;

namespace VgpuPS.Tests.Lab.Machine;

/// <summary>Notes and spoils the calls that pass a simulated machine's gate; set on the gate when first asked
/// for.</summary>
internal sealed class LabFaults
{
    private static readonly ConditionalWeakTable<LabGate, LabFaults> s_all = [];

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

    public bool IsArmed => _crash is not null;

    public bool IsTracing { get; set; }

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

    public static LabFaults Of(LabGate gate) => s_all.GetValue(gate, static g =>
    {
        var faults = new LabFaults();
        g.Spoiling = faults.Pass;
        return faults;
    });

    public void Crash(long calls, bool isBefore, string? actor)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(calls);
        lock (_sync)
        {
            _crash = (calls, isBefore, actor);
        }
    }

    public void Fail(string pattern, int number, int times) =>
        Add(new Rule(pattern, Effect.Fail, number, default, times));

    public void Lie(string pattern, int times) => Add(new Rule(pattern, Effect.Lie, 0, default, times));

    public void Delay(string pattern, TimeSpan time, int times) => Add(new Rule(pattern, Effect.Delay, 0, time, times));

    public void Clear()
    {
        lock (_sync)
        {
            _rules.Clear();
            _trace.Clear();
            _crash = null;
        }
    }

    private LabFault Pass(string name, string actor)
    {
        lock (_sync)
        {
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
        var rule = _rules.Find(candidate => candidate.Effect == effect && LabGate.Fits(candidate.Pattern, name));
        if (rule is not null && rule.Remaining-- <= 1)
        {
            _rules.Remove(rule);
        }

        return rule;
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

/// <summary>Faults as a gate's own members.</summary>
internal static class LabGateFaults
{
    extension(LabGate gate)
    {
        /// <summary>Whether a crash waits for its call.</summary>
        public bool IsArmed => LabFaults.Of(gate).IsArmed;

        /// <summary>Whether names are noted.</summary>
        public bool IsTracing
        {
            get => LabFaults.Of(gate).IsTracing;
            set => LabFaults.Of(gate).IsTracing = value;
        }

        /// <summary>Noted names, as <c>actor: name</c>, in order.</summary>
        public IReadOnlyList<string> Trace => LabFaults.Of(gate).Trace;

        /// <summary>Ends the actor that makes the n-th call from now, before it is done.</summary>
        /// <param name="calls">From 1.</param>
        /// <param name="actor">Counts this actor's calls only; null for all.</param>
        public void CrashBefore(long calls, string? actor = null) => LabFaults.Of(gate).Crash(calls, true, actor);

        /// <summary>Ends the actor that makes the n-th call from now, after it is done.</summary>
        /// <param name="calls">From 1.</param>
        /// <param name="actor">Counts this actor's calls only; null for all.</param>
        public void CrashAfter(long calls, string? actor = null) => LabFaults.Of(gate).Crash(calls, false, actor);

        /// <summary>Makes NVML calls answer with a status.</summary>
        public void Fail(string pattern, NvmlStatus status, int times = 1) =>
            LabFaults.Of(gate).Fail(pattern, (int)status, times);

        /// <summary>Makes file calls answer with an errno, programs with an exit code.</summary>
        public void Fail(string pattern, int number, int times = 1) => LabFaults.Of(gate).Fail(pattern, number, times);

        /// <summary>Makes calls report success without doing anything.</summary>
        public void Lie(string pattern, int times = 1) => LabFaults.Of(gate).Lie(pattern, times);

        /// <summary>Makes some calls take time.</summary>
        public void Delay(string pattern, TimeSpan time, int times) => LabFaults.Of(gate).Delay(pattern, time, times);

        /// <summary>Drops all faults and notes.</summary>
        public void Clear() => LabFaults.Of(gate).Clear();
    }
}
