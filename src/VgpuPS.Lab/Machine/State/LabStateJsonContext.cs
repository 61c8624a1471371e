using System.Text.Json.Serialization;

namespace VgpuPS.Lab.Machine;

/// <summary>How a state file is read and written: camelCase, unknown members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    MaxDepth = 128)]
[JsonSerializable(typeof(LabState))]
public sealed partial class LabStateJsonContext : JsonSerializerContext;
