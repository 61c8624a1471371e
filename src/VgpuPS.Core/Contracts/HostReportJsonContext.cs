using System.Text.Json.Serialization;
using VgpuPS.Core.UseCases.ShowHost;

namespace VgpuPS.Core.Contracts;

/// <summary>How the host's report is written for programs: camelCase, indented.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(HostReport))]
public sealed partial class HostReportJsonContext : JsonSerializerContext;
