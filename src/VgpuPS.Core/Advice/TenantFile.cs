using System.Text.Json;
using System.Text.Json.Serialization;

namespace VgpuPS.Core.Advice;

/// <summary>Tenants as a JSON file holds them.</summary>
/// <param name="Version">Version of the file's form; 1.</param>
/// <param name="Tenants">The tenants.</param>
public sealed record TenantFile(IReadOnlyList<TenantText> Tenants, int Version = TenantFile.CurrentVersion)
{
    /// <summary>The version that this program reads.</summary>
    public const int CurrentVersion = 1;
}

/// <summary>A tenant as it is written down, its values still to be read; the names of its members are those that users
/// write everywhere.</summary>
public sealed record TenantText
{
    /// <summary>Its name.</summary>
    public JsonElement? Name { get; init; }

    /// <summary>How many VMs.</summary>
    public JsonElement? Count { get; init; }

    /// <summary>Frame buffer of each.</summary>
    public JsonElement? Memory { get; init; }

    /// <summary>Whether performance is guaranteed.</summary>
    public JsonElement? Guarantee { get; init; }

    /// <summary>Whether it bursts.</summary>
    public JsonElement? Burst { get; init; }

    /// <summary>Size of kernels.</summary>
    public JsonElement? Kernels { get; init; }

    /// <summary>Whether it needs unified memory.</summary>
    public JsonElement? UnifiedMemory { get; init; }

    /// <summary>Whether it must see all SMs.</summary>
    [JsonPropertyName("allSMs")]
    public JsonElement? AllMultiprocessors { get; init; }

    /// <summary>Whether it must migrate live.</summary>
    public JsonElement? LiveMigration { get; init; }

    /// <summary>Whether it encodes video.</summary>
    public JsonElement? Encoder { get; init; }

    /// <summary>Its VM, or VMs.</summary>
    public JsonElement? VmId { get; init; }
}

/// <summary>How tenants' files are read: camelCase, unknown members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(TenantFile))]
[JsonSerializable(typeof(IReadOnlyList<TenantText>))]
public sealed partial class TenantJsonContext : JsonSerializerContext;
