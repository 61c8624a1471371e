using System.Collections.Concurrent;
using System.Diagnostics;

namespace VgpuPS.Fuzz;

/// <summary>An input that a reader neither took nor refused in its own way.</summary>
/// <param name="Target">The reader.</param>
/// <param name="Input">The input, as small as it could be made.</param>
/// <param name="Failure">What happened.</param>
public sealed record FuzzFinding(string Target, byte[] Input, Exception Failure);

/// <summary>Gives targets inputs, on every processor, until the time is over.</summary>
/// <param name="targets">The targets.</param>
/// <param name="seed">The first thread's seed; each further thread has the next one.</param>
/// <param name="time">How long at least.</param>
/// <param name="least">How many inputs at least; a machine that has other work takes up to five times as long for
/// them.</param>
/// <param name="threads">On how many threads.</param>
public sealed class FuzzRun(IReadOnlyList<FuzzTarget> targets, int seed, TimeSpan time, long least, int threads)
{
    private const int MaxFindings = 20;
    private const int MaxTimes = 5;
    private static readonly TimeSpan s_slow = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, FuzzFinding> _findings = new(StringComparer.Ordinal);
    private long _total;

    /// <summary>Inputs by target.</summary>
    public IReadOnlyDictionary<string, long> Counts => _counts;

    /// <summary>What was found: one input for each target and place.</summary>
    public IReadOnlyCollection<FuzzFinding> Findings => [.. _findings.Values];

    /// <summary>Runs.</summary>
    public void Run()
    {
        var started = Stopwatch.GetTimestamp();
        var workers = Enumerable.Range(0, threads).Select(n => new Thread(() => Work(seed + n, n, started))).ToList();
        workers.ForEach(w => w.Start());
        workers.ForEach(w => w.Join());
    }

    private void Work(int ownSeed, int first, long started)
    {
        var mutation = new Mutation(new Random(ownSeed));
        for (var turn = first; !IsOver(started) && _findings.Count < MaxFindings; turn++)
        {
            var target = targets[turn % targets.Count];
            var count = 0;
            for (; count < target.Batch && !IsOver(started); count++)
            {
                var input = mutation.Next(target);
                var begun = Stopwatch.GetTimestamp();
                var failure = target.Try(input);
                failure ??= Stopwatch.GetElapsedTime(begun) > s_slow
                    ? new BrokenRuleException($"it took {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s") : null;
                if (failure is not null)
                {
                    Keep(target, input, failure);
                }
            }

            Interlocked.Add(ref _total, count);
            _counts.AddOrUpdate(target.Name, count, (_, known) => known + count);
        }
    }

    private bool IsOver(long started) => Stopwatch.GetElapsedTime(started) is var passed && passed >= time
        && (Interlocked.Read(ref _total) >= least || passed >= time * MaxTimes);

    private void Keep(FuzzTarget target, byte[] input, Exception failure)
    {
        var place = Place(target, failure);
        if (_findings.ContainsKey(place))
        {
            return;
        }

        _findings.TryAdd(place, new FuzzFinding(target.Name, Shrink(target, input, place), failure));
    }

    // One finding for each place that throws; a broken rule is one place.
    private static string Place(FuzzTarget target, Exception failure) => failure is BrokenRuleException
        ? $"{target.Name} {failure.Message[..Math.Min(failure.Message.Length, 60)]}"
        : $"{target.Name} {failure.GetType().Name} "
            + $"{failure.StackTrace?.Split('\n').FirstOrDefault(l => l.Contains("VgpuPS", StringComparison.Ordinal))}";

    /// <summary>Takes pieces out as long as the same thing happens.</summary>
    private static byte[] Shrink(FuzzTarget target, byte[] input, string place)
    {
        var until = Stopwatch.GetTimestamp();
        for (var size = Math.Max(1, input.Length / 2); size > 0; size /= 2)
        {
            for (var at = 0; at + size <= input.Length && Stopwatch.GetElapsedTime(until) < s_slow;)
            {
                byte[] shorter = [.. input[..at], .. input[(at + size)..]];
                if (target.Try(shorter) is { } failure && Place(target, failure) == place)
                {
                    input = shorter;
                }
                else
                {
                    at += size;
                }
            }
        }

        return input;
    }
}
