using System.Text.Json.Serialization;

namespace VgpuPS.LabHook;

/// <summary>How what only a simulated host can do travels.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LabVmRequest))]
[JsonSerializable(typeof(LabVmResult))]
internal sealed partial class LabJsonContext : JsonSerializerContext;
