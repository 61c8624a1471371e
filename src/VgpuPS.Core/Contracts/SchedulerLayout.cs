using System.Globalization;

namespace VgpuPS.Core.Contracts;

/// <summary>Scheduler of a GPU's time-sliced vGPUs.</summary>
/// <param name="Policy">Best effort, equal share or fixed share.</param>
/// <param name="TimesliceMilliseconds">Length of a slice, 1 to 30; null: the driver's own.</param>
/// <remarks>Source: facts/host-behaviour.md 6.</remarks>
public sealed record SchedulerLayout(SchedulerPolicy Policy, int? TimesliceMilliseconds = null)
{
    /// <summary>In words: <c>equal share, 2 ms</c>.</summary>
    public string Describe()
    {
        var policy = Policy switch
        {
            SchedulerPolicy.EqualShare => "equal share",
            SchedulerPolicy.FixedShare => "fixed share",
            _ => "best effort",
        };
        return TimesliceMilliseconds is { } slice
            ? string.Create(CultureInfo.InvariantCulture, $"{policy}, {slice} ms")
            : policy;
    }
}
