using System.Text.Json.Serialization;

namespace VgpuPS.Core.Contracts;

/// <summary>How a layout is written: as it is read, but without the members that are not managed.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(HostLayout))]
public sealed partial class LayoutJsonContext : JsonSerializerContext;
