using System.Diagnostics;
using System.Globalization;

namespace VgpuPS.KernelBed.Guest;

/// <summary>One line a check on standard output, and the count of both kinds.</summary>
internal sealed class Report
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private string _scenario = "";

    internal int Passed { get; private set; }

    internal int Failed { get; private set; }

    /// <summary>Names the scenario that the next checks belong to.</summary>
    internal void Begin(string scenario)
    {
        _scenario = scenario;
        Say($"== {scenario}");
    }

    /// <summary>Counts a check.</summary>
    /// <param name="what">What must hold.</param>
    /// <param name="holds">Whether it does.</param>
    /// <param name="seen">What was seen instead, told when it does not.</param>
    internal void Check(string what, bool holds, string? seen = null)
    {
        if (holds)
        {
            Passed++;
            Say($"ok   {what}");
            return;
        }

        Failed++;
        Say($"FAIL {_scenario}: {what}{(seen is null ? "" : $": {seen.Trim().ReplaceLineEndings(" | ")}")}");
    }

    /// <summary>Counts a check of equality.</summary>
    internal void Same<T>(string what, T wanted, T seen) =>
        Check(what, EqualityComparer<T>.Default.Equals(wanted, seen), $"{seen} instead of {wanted}");

    /// <summary>A line that is no check, with the seconds since the start.</summary>
    internal void Say(string line) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_clock.Elapsed.TotalSeconds,6:0.0} {line}"));
}
