using System.Text.Json.Serialization;

namespace VgpuPS.Core.Contracts;

/// <summary>How a line of the event log is written: camelCase, on one line.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(EventLineDocument))]
public sealed partial class EventLogJsonContext : JsonSerializerContext;
