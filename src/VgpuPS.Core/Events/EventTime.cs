using System.Text.Json.Serialization;
using VgpuPS.Core.Rows;

namespace VgpuPS.Core.Events;

/// <summary>How a line of the event log is written: camelCase, on one line.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(VgpuEventInfo))]
public sealed partial class EventLogJsonContext : JsonSerializerContext;
