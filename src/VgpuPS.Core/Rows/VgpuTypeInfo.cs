using System.Text.Json.Serialization;

namespace VgpuPS.Core.Rows;

/// <summary>A vGPU type of a GPU.</summary>
public sealed record VgpuTypeInfo : GpuObject
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string GpuUuid { get; internal set; } = "";

    /// <inheritdoc/>
    [JsonIgnore]
    public override string GpuAddress { get; internal set; } = "";

    /// <summary>Its number; <c>mdev=nvidia-N</c> in a VM's configuration.</summary>
    [JsonPropertyName("id"), JsonPropertyOrder(-5)]
    public required uint VgpuTypeId { get; init; }

    /// <summary>Its name without the product prefix, such as <c>A30-2-12C</c>.</summary>
    [JsonPropertyName("name"), JsonPropertyOrder(-4)]
    public required string VgpuType { get; init; }

    /// <summary>The driver's class text, such as <c>Compute</c>; empty when unknown.</summary>
    public required string Class { get; init; }

    /// <summary>Frame buffer in MiB.</summary>
    [JsonPropertyOrder(-3)]
    public required long FramebufferMiB { get; init; }

    /// <summary>Name of the GPU instance profile that it needs; null for a time-sliced type.</summary>
    [JsonPropertyOrder(-2)]
    public required string? Profile { get; init; }

    /// <summary>Whether the driver would create one now.</summary>
    [JsonPropertyOrder(-1)]
    public required bool IsCreatable { get; init; }

    /// <summary>How many fit on an empty GPU (equal sizes); 0 when unknown.</summary>
    public required int MaxPerGpu { get; init; }

    /// <summary>How many fit on one GPU instance; null for a time-sliced type, or when unknown.</summary>
    public required int? MaxPerGpuInstance { get; init; }

    /// <summary>How many one VM may have; 0 when unknown.</summary>
    public required int MaxPerVm { get; init; }

    /// <summary>Whether a VM that has one may have no vGPU of another type.</summary>
    public required bool IsExclusiveInVm { get; init; }

    /// <summary>Licences that it runs with, as the driver names them; empty when unknown.</summary>
    public required string License { get; init; }

    /// <summary>Its name.</summary>
    public override string ToString() => VgpuType;
}
