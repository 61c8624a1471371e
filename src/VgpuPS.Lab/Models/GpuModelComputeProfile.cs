namespace VgpuPS.Lab.Models;

/// <summary>A compute instance profile of a GPU instance profile.</summary>
/// <remarks>Source: facts/mig-profiles.json.</remarks>
public sealed record GpuModelComputeProfile
{
    /// <summary>What instances are created with.</summary>
    public required uint Id { get; init; }

    /// <summary>The number that NVML is asked with.</summary>
    public required uint Slot { get; init; }

    /// <summary>The driver's name.</summary>
    public required string Name { get; init; }

    /// <summary>Compute slices.</summary>
    public required int ComputeSlices { get; init; }

    /// <summary>SMs.</summary>
    public required int Multiprocessors { get; init; }

    /// <summary>How many fit into an empty GPU instance.</summary>
    public required int MaxInstances { get; init; }
}
