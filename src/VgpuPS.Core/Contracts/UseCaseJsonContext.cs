using System.Text.Json.Serialization;
using VgpuPS.Core.UseCases.Changes;
using VgpuPS.Core.UseCases.ApplyLayout;
using VgpuPS.Core.UseCases.CreateComputeInstances;
using VgpuPS.Core.UseCases.CreateInstances;
using VgpuPS.Core.UseCases.CreateVgpu;
using VgpuPS.Core.UseCases.ExportLayout;
using VgpuPS.Core.UseCases.RemoveComputeInstances;
using VgpuPS.Core.UseCases.RemoveInstances;
using VgpuPS.Core.UseCases.RemoveVgpu;
using VgpuPS.Core.UseCases.SaveLayout;
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
[JsonSerializable(typeof(ExportLayoutRequest))]
[JsonSerializable(typeof(HostLayout))]
[JsonSerializable(typeof(ApplyLayoutRequest))]
[JsonSerializable(typeof(CreateInstancesRequest))]
[JsonSerializable(typeof(RemoveInstancesRequest))]
[JsonSerializable(typeof(CreateComputeInstancesRequest))]
[JsonSerializable(typeof(RemoveComputeInstancesRequest))]
[JsonSerializable(typeof(CreateVgpuRequest))]
[JsonSerializable(typeof(RemoveVgpuRequest))]
[JsonSerializable(typeof(SaveLayoutRequest))]
public sealed partial class UseCaseJsonContext : JsonSerializerContext;
