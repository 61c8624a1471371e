using System.Text.Json.Serialization;
using VgpuPS.Core.Rows;

namespace VgpuPS.Core.Events;

/// <summary>The host's log of changes, one line each.</summary>
public interface IEventLog
{
    /// <summary>Adds a line; a log that cannot be written is only a warning.</summary>
    /// <param name="entry">What changed.</param>
    void Write(HostEvent entry);
}

/// <summary>A change on the host.</summary>
/// <param name="Source">Who changed it: <c>hook</c>, <c>sweep</c>, <c>boot</c>, a cmdlet's name.</param>
/// <param name="Vm">The VM for which it was done; null for none.</param>
/// <param name="Action">What was done, such as <c>createGpuInstance</c>.</param>
/// <param name="Target">The object, such as <c>0000:4b:00.0 GI 3</c>.</param>
/// <param name="Before">Its state before; empty for nothing.</param>
/// <param name="After">Its state after; empty for nothing.</param>
public sealed record HostEvent(
    string Source, int? Vm, string Action, string Target, string Before, string After);

/// <summary>How a line of the event log is written: camelCase, on one line.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(VgpuEventInfo))]
public sealed partial class EventLogJsonContext : JsonSerializerContext;
