namespace VgpuPS.Core.Contracts;

/// <summary>What should be on one GPU; absent members are left as they are found.</summary>
public sealed record GpuLayout
{
    /// <summary>The GPU: an address in any form, a UUID (<c>GPU-…</c>), or a model name with wildcards.</summary>
    public required string Gpu { get; init; }

    /// <summary>Whether virtual functions are on.</summary>
    public bool? Sriov { get; init; }

    /// <summary>Whether MIG mode is on.</summary>
    public bool? Mig { get; init; }

    /// <summary>GPU instances; null: not managed, empty: none.</summary>
    public IReadOnlyList<InstanceLayout>? Instances { get; init; }

    /// <summary>Whether time-sliced vGPUs of several sizes may share the GPU.</summary>
    public bool? MixedSizes { get; init; }

    /// <summary>Scheduler of time-sliced vGPUs.</summary>
    public SchedulerLayout? Scheduler { get; init; }
}
