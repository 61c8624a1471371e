using System.Text.Json.Serialization;

namespace VgpuPS.Lab.Models;

/// <summary>How the models' files are read: camelCase, unknown members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(GpuModel))]
public sealed partial class GpuModelJsonContext : JsonSerializerContext;
