namespace VgpuPS.Core.Rows;

/// <summary>A compute instance within a GPU instance.</summary>
public sealed record MigComputeInstanceInfo : HostObject
{
    /// <summary>UUID of the GPU.</summary>
    public required string GpuUuid { get; init; }

    /// <summary>Address of the GPU.</summary>
    public required string GpuAddress { get; init; }

    /// <summary>Id of the GPU instance.</summary>
    public required uint GpuInstanceId { get; init; }

    /// <summary>Its id within the GPU instance.</summary>
    public required uint ComputeInstanceId { get; init; }

    /// <summary>Name of its profile: <c>1c.2g.12gb</c>, or the GPU instance's where it fills it.</summary>
    public required string ComputeProfile { get; init; }

    /// <summary>Compute slices.</summary>
    public required int ComputeSlices { get; init; }

    /// <summary>SMs.</summary>
    public required int Multiprocessors { get; init; }

    /// <summary>VMs with a running vGPU on the GPU instance, ascending.</summary>
    public required IReadOnlyList<int> VmIds { get; init; }

    /// <summary>Its id.</summary>
    public override string ToString() => ComputeInstanceId.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
