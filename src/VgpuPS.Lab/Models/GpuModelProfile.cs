namespace VgpuPS.Lab.Models;

/// <summary>A GPU instance profile of a model.</summary>
/// <remarks>Source: facts/mig-profiles.json.</remarks>
public sealed record GpuModelProfile
{
    /// <summary>What instances are created with.</summary>
    public required uint Id { get; init; }

    /// <summary>The number that NVML is asked with.</summary>
    public required uint Slot { get; init; }

    /// <summary>The driver's name, such as <c>MIG 1g.6gb</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Compute slices.</summary>
    public required int ComputeSlices { get; init; }

    /// <summary>Memory in MiB.</summary>
    public required int MemoryMiB { get; init; }

    /// <summary>SMs.</summary>
    public required int Multiprocessors { get; init; }

    /// <summary>Copy engines.</summary>
    public required int CopyEngines { get; init; }

    /// <summary>Video decoders.</summary>
    public required int Decoders { get; init; }

    /// <summary>Video encoders.</summary>
    public required int Encoders { get; init; }

    /// <summary>JPEG decoders.</summary>
    public required int Jpegs { get; init; }

    /// <summary>Optical flow engines.</summary>
    public required int Ofas { get; init; }

    /// <summary>How many fit on an empty GPU.</summary>
    public required int MaxInstances { get; init; }

    /// <summary>Memory slices that an instance covers.</summary>
    public required int PlacementSize { get; init; }

    /// <summary>First memory slices that an instance may start at, ascending.</summary>
    public required IReadOnlyList<int> PlacementStarts { get; init; }

    /// <summary>Whether it takes the media engines that only one instance can have.</summary>
    public required bool Media { get; init; }

    /// <summary>Compute instance profiles within such an instance.</summary>
    public required IReadOnlyList<GpuModelComputeProfile> ComputeProfiles { get; init; }
}
