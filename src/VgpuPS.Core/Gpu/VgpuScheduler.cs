using System.Text.Json.Serialization;

namespace VgpuPS.Core.Gpu;

/// <summary>Scheduler of a GPU's time-sliced vGPUs as it is now.</summary>
/// <param name="Policy">Its policy; null when the driver names none that is known.</param>
/// <param name="TimesliceNanoseconds">Length of a slice; means nothing under best effort.</param>
/// <param name="IsAdaptive">Whether adaptive round robin is on; null for the driver's own choice.</param>
/// <remarks>Source: nvml.h, nvmlVgpuSchedulerGetState_t; facts/nvml.md 5.</remarks>
public sealed record VgpuScheduler(SchedulerPolicy? Policy, long TimesliceNanoseconds, bool? IsAdaptive)
{
    private const long NanosecondsPerMillisecond = 1_000_000;

    /// <summary>Whether it is set as a layout says; a slice that the layout leaves to the driver may be any.</summary>
    public bool Is(SchedulerLayout layout) => Policy == layout.Policy
        && (layout.TimesliceMilliseconds is not { } slice
            || (TimesliceNanoseconds == slice * NanosecondsPerMillisecond && IsAdaptive != true));
}

/// <summary>What a GPU's vGPU scheduler can be set to.</summary>
/// <param name="Policies">Policies that the driver offers.</param>
/// <param name="MinTimesliceNanoseconds">Shortest slice.</param>
/// <param name="MaxTimesliceNanoseconds">Longest slice.</param>
/// <remarks>Source: nvml.h, nvmlVgpuSchedulerCapabilities_t.</remarks>
public sealed record VgpuSchedulerLimits(
    IReadOnlyList<SchedulerPolicy> Policies, long MinTimesliceNanoseconds, long MaxTimesliceNanoseconds);

/// <summary>Scheduler of a GPU's time-sliced vGPUs.</summary>
/// <param name="Policy">Best effort, equal share or fixed share.</param>
/// <param name="TimesliceMilliseconds">Length of a slice, 1 to 30; null: the driver's own.</param>
/// <remarks>Source: facts/host-behaviour.md 6.</remarks>
public sealed record SchedulerLayout(
    SchedulerPolicy Policy = SchedulerPolicy.BestEffort, int? TimesliceMilliseconds = null)
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

    /// <summary>In words.</summary>
    public override string ToString() => Describe();
}

/// <summary>How time-sliced vGPUs share a GPU.</summary>
/// <remarks>
/// A long, since ConvertTo-Json writes only those by name, and a layout's JSON should say which policy it has. Source:
/// PowerShell, src/Microsoft.PowerShell.Commands.Utility/commands/utility/WebCmdlet/JsonObject.cs, ProcessValue.
/// </remarks>
[JsonConverter(typeof(JsonStringEnumConverter<SchedulerPolicy>))]
public enum SchedulerPolicy : long
{
    /// <summary>Whoever has work runs.</summary>
    [JsonStringEnumMemberName("bestEffort")]
    BestEffort,

    /// <summary>Equal parts among the running vGPUs.</summary>
    [JsonStringEnumMemberName("equalShare")]
    EqualShare,

    /// <summary>Equal parts among the vGPUs that fit.</summary>
    [JsonStringEnumMemberName("fixedShare")]
    FixedShare,
}
