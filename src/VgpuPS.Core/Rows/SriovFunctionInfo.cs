namespace VgpuPS.Core.Rows;

/// <summary>A function that can have a vGPU: a virtual function, or the GPU itself on a model without SR-IOV.</summary>
public sealed record SriovFunctionInfo : HostObject
{
    /// <summary>UUID of its GPU.</summary>
    public required string GpuUuid { get; init; }

    /// <summary>Address of its GPU.</summary>
    public required string GpuAddress { get; init; }

    /// <summary>Its address, sysfs form.</summary>
    public required string FunctionAddress { get; init; }

    /// <summary>N of the GPU's link <c>virtfnN</c>.</summary>
    public required int FunctionIndex { get; init; }

    /// <summary>Name of the bound driver; null when none is.</summary>
    public required string? Driver { get; init; }

    /// <summary>IOMMU group; null when it has none.</summary>
    public required int? IommuGroup { get; init; }

    /// <summary>Number of the vGPU type on it; null for a free one.</summary>
    public required uint? VgpuTypeId { get; init; }

    /// <summary>Name of the vGPU type on it; null for a free one.</summary>
    public required string? VgpuType { get; init; }

    /// <summary>The VM that it belongs to; null for none, or when that is unknown.</summary>
    public required int? VmId { get; init; }

    /// <summary>Whether it has no vGPU, is not reserved, and is bound to the GPU's driver.</summary>
    public required bool IsFree { get; init; }

    /// <summary>Types that can be created on it now, by name; empty unless it is free.</summary>
    public required IReadOnlyList<string> CreatableTypes { get; init; }

    /// <summary>Its address.</summary>
    public override string ToString() => FunctionAddress;
}
