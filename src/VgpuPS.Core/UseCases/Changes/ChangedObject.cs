namespace VgpuPS.Core.UseCases.Changes;

/// <summary>Names an object that a change made or changed; members that do not apply are null.</summary>
public sealed record ChangedObject
{
    /// <summary>Address of the GPU, sysfs form.</summary>
    public string? GpuAddress { get; init; }

    /// <summary>Id of the GPU instance.</summary>
    public uint? GpuInstanceId { get; init; }

    /// <summary>Id of the compute instance within the GPU instance.</summary>
    public uint? ComputeInstanceId { get; init; }

    /// <summary>Address of the virtual function.</summary>
    public string? FunctionAddress { get; init; }

    /// <summary>UUID of the mediated device.</summary>
    public string? MdevUuid { get; init; }

    /// <summary>The VM.</summary>
    public int? VmId { get; init; }

    /// <summary>Its entry, <c>hostpciN</c>.</summary>
    public string? Entry { get; init; }
}
