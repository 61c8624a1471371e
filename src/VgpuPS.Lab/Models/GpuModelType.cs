namespace VgpuPS.Lab.Models;

/// <summary>A vGPU type of a model.</summary>
/// <remarks>Source: facts/vgpu-types.json.</remarks>
public sealed record GpuModelType
{
    /// <summary>Its number.</summary>
    public required uint Id { get; init; }

    /// <summary>Its name, such as <c>NVIDIA A30-1-6C</c>.</summary>
    public required string Name { get; init; }

    /// <summary>NVML's class: <c>Compute</c>, <c>Quadro</c>, <c>NVS</c>.</summary>
    public required string Class { get; init; }

    /// <summary>Frame buffer in MiB.</summary>
    public required int FramebufferMiB { get; init; }

    /// <summary>Most vGPUs of it on one GPU.</summary>
    public required int MaxInstances { get; init; }

    /// <summary>Most of them in mixed-size mode; null where that is not known.</summary>
    public int? MaxInstancesMixed { get; init; }

    /// <summary>Most of them in one GPU instance; null where that is one.</summary>
    public int? MaxInstancesPerGpuInstance { get; init; }

    /// <summary>Profile of the GPU instance that it needs; null for a time-sliced type.</summary>
    public uint? GpuInstanceProfile { get; init; }

    /// <summary>Licence text, may be empty.</summary>
    public required string License { get; init; }

    /// <summary>Whether its number is inferred.</summary>
    public bool Assumed { get; init; }
}
