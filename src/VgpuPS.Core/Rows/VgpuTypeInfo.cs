namespace VgpuPS.Core.Rows;

/// <summary>A vGPU type of a GPU.</summary>
public sealed record VgpuTypeInfo : HostObject
{
    /// <summary>UUID of the GPU.</summary>
    public required string GpuUuid { get; init; }

    /// <summary>Address of the GPU.</summary>
    public required string GpuAddress { get; init; }

    /// <summary>Its number; <c>mdev=nvidia-N</c> in a VM's configuration.</summary>
    public required uint VgpuTypeId { get; init; }

    /// <summary>Its name without the product prefix, such as <c>A30-2-12C</c>.</summary>
    public required string VgpuType { get; init; }

    /// <summary>The driver's class text, such as <c>Compute</c>; empty when unknown.</summary>
    public required string Class { get; init; }

    /// <summary>Frame buffer in MiB.</summary>
    public required long FramebufferMiB { get; init; }

    /// <summary>Name of the GPU instance profile that it needs; null for a time-sliced type.</summary>
    public required string? Profile { get; init; }

    /// <summary>Whether the driver would create one now.</summary>
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
