using System.Text.Json.Serialization;

namespace VgpuPS.Core.Contracts;

/// <summary>How lines between a module and an agent are written: camelCase, on one line, without what is null.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(AgentFrame))]
public sealed partial class AgentJsonContext : JsonSerializerContext;
