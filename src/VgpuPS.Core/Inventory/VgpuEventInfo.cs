using System.Text.Json.Serialization;
using VgpuPS.Core.Contracts;

namespace VgpuPS.Core.Inventory;

/// <summary>A change that was made on a host: a line of the event log.</summary>
public sealed record VgpuEventInfo : HostObject
{
    /// <summary>When; UTC, until a face shows it.</summary>
    [JsonConverter(typeof(EventTime))]
    public required DateTime Time { get; init; }

    /// <summary>Who: <c>hook</c>, <c>boot</c>, <c>sweep</c>, or the command's name.</summary>
    public required string Source { get; init; }

    /// <summary>The VM for which it was done; null for none.</summary>
    [JsonPropertyName("vm")]
    public int? VmId { get; init; }

    /// <summary>What was done: <c>createGpuInstance</c>.</summary>
    public required string Action { get; init; }

    /// <summary>The object: <c>0000:4b:00.0 GI 3</c>.</summary>
    public required string Target { get; init; }

    /// <summary>Its state before; empty for nothing.</summary>
    public string Before { get; set; } = "";

    /// <summary>Its state after; empty for nothing.</summary>
    public string After { get; set; } = "";

    /// <summary>What was done to what.</summary>
    public override string ToString() => $"{Action} {Target}";
}
