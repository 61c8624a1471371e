using System.Text.Json.Serialization;

namespace VgpuPS.Core.Rows;

/// <summary>A function that can have a vGPU: a virtual function, or the GPU itself on a model without SR-IOV.</summary>
public sealed record SriovFunctionInfo : GpuObject
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string GpuUuid { get; internal set; } = "";

    /// <inheritdoc/>
    [JsonIgnore]
    public override string GpuAddress { get; internal set; } = "";

    /// <summary>Its address, sysfs form.</summary>
    [JsonPropertyName("address")]
    public required string FunctionAddress { get; init; }

    /// <summary>N of the GPU's link <c>virtfnN</c>.</summary>
    [JsonPropertyName("index")]
    public required int FunctionIndex { get; init; }

    /// <summary>Name of the bound driver; null when none is.</summary>
    public required string? Driver { get; init; }

    /// <summary>IOMMU group; null when it has none.</summary>
    public required int? IommuGroup { get; init; }

    /// <summary>Whether it offers vGPU types; false where another driver has it, or the vGPU manager has not made it
    /// ready.</summary>
    public required bool HasTypes { get; init; }

    /// <summary>Number of the vGPU type on it; null for a free one.</summary>
    [JsonPropertyName("currentType")]
    public required uint? VgpuTypeId { get; init; }

    /// <summary>Name of the vGPU type on it; null for a free one.</summary>
    [JsonIgnore]
    public string? VgpuType { get; internal set; }

    /// <summary>The VM that it belongs to, or whose configuration names it; null for none, or when that is
    /// unknown.</summary>
    [JsonIgnore]
    public int? VmId { get; internal set; }

    /// <summary>Whether it offers vGPU types, has no vGPU, is not reserved, is bound to the GPU's driver, and no VM's
    /// configuration names it.</summary>
    [JsonIgnore]
    public bool IsFree { get; internal set; }

    /// <summary>Types that can be created on it now, by name; empty where it has a vGPU, is reserved, or has another
    /// driver.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> CreatableTypes { get; internal set => field = RowList.Of(value); } =
        RowList.Of<string>([]);

    /// <summary>Its address.</summary>
    public override string ToString() => FunctionAddress;
}
