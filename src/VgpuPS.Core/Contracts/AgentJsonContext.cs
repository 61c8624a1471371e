using System.Text.Json.Serialization;
using VgpuPS.Core.Borders;

namespace VgpuPS.Core.Contracts;

/// <summary>
/// How lines between a module and an agent are written: camelCase, on one line, without what is null. Texts of a line that is
/// read are visible ones; a body is read by its use case.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    Converters = [typeof(VisibleTextConverter)],
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(AgentFrame))]
public sealed partial class AgentJsonContext : JsonSerializerContext;
