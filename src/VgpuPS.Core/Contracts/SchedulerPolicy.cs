using System.Text.Json.Serialization;

namespace VgpuPS.Core.Contracts;

/// <summary>How time-sliced vGPUs share a GPU.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SchedulerPolicy>))]
public enum SchedulerPolicy
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
