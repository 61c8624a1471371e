using System.Text.Json.Serialization;

namespace VgpuPS.Core.Contracts;

/// <summary>How our own files on a host are read and written: camelCase, unknown members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(ClaimFileDocument))]
[JsonSerializable(typeof(HostLayout))]
[JsonSerializable(typeof(BootStatus))]
[JsonSerializable(typeof(SettingsDocument))]
public sealed partial class HostFileJsonContext : JsonSerializerContext;
