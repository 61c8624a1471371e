using System.Text.Json.Serialization;
using VgpuPS.Core.UseCases.Changes;
using VgpuPS.Core.UseCases.ShowHost;

namespace VgpuPS.Core.Contracts;

/// <summary>How requests and results of use cases travel: camelCase, on one line.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ShowHostRequest))]
[JsonSerializable(typeof(HostReport))]
[JsonSerializable(typeof(ChangeResult))]
public sealed partial class UseCaseJsonContext : JsonSerializerContext;
