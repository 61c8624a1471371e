namespace VgpuPS.Core.Rows;

/// <summary>A GPU instance.</summary>
public sealed record MigInstanceInfo : HostObject
{
    /// <summary>UUID of the GPU.</summary>
    public required string GpuUuid { get; init; }

    /// <summary>Address of the GPU.</summary>
    public required string GpuAddress { get; init; }

    /// <summary>Its id on the GPU.</summary>
    public required uint GpuInstanceId { get; init; }

    /// <summary>Name of its profile, such as <c>2g.12gb</c>.</summary>
    public required string Profile { get; init; }

    /// <summary>The profile's number, as nvidia-smi prints it.</summary>
    public required uint ProfileId { get; init; }

    /// <summary>Start and size in memory slices, such as <c>0:2</c>.</summary>
    public required string Placement { get; init; }

    /// <summary>Memory in MiB.</summary>
    public required long MemoryMiB { get; init; }

    /// <summary>Names of its compute instances' profiles, ascending id.</summary>
    public required IReadOnlyList<string> ComputeInstances { get; init; }

    /// <summary>VMs with a running vGPU on it, ascending; several can share one on some GPUs.</summary>
    public required IReadOnlyList<int> VmIds { get; init; }

    /// <summary>Whether the hook made it, and destroys it when it is no longer needed.</summary>
    public required bool IsMadeByHook { get; init; }

    /// <summary>Its id.</summary>
    public override string ToString() => GpuInstanceId.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
