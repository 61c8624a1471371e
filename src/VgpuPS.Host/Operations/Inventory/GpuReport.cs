namespace VgpuPS.Host.Operations.Inventory;

/// <summary>One GPU and what is on it.</summary>
public sealed record GpuReport
{
    /// <summary>Position among the host's GPUs, from 0, ascending address.</summary>
    public required int Index { get; init; }

    /// <summary>Its address, sysfs form.</summary>
    public required string Address { get; init; }

    /// <summary>Its UUID, <c>GPU-…</c>.</summary>
    public required string Uuid { get; init; }

    /// <summary>Its model as the driver names it.</summary>
    public required string Model { get; init; }

    /// <summary>Memory in MiB.</summary>
    public required long MemoryMiB { get; init; }

    /// <summary>NUMA node; null when the host has none.</summary>
    public required int? NumaNode { get; init; }

    /// <summary>MIG mode now and after the next reset; null on a GPU without MIG.</summary>
    public required MigReport? Mig { get; init; }

    /// <summary>Memory slices that placements count in; 0 where the driver reports none (MIG mode off).</summary>
    public required int MemorySlices { get; init; }

    /// <summary><c>mdev</c>, <c>vendorVfio</c>, or <c>none</c> where no function reports it yet.</summary>
    public required string Backend { get; init; }

    /// <summary>Virtual functions it can have; 0 without SR-IOV.</summary>
    public required int TotalFunctions { get; init; }

    /// <summary>Virtual functions it has now.</summary>
    public required int EnabledFunctions { get; init; }

    /// <summary>Whether time-sliced vGPUs of several sizes may share it.</summary>
    public required bool MixedSizes { get; init; }

    /// <summary>Whether the driver can mix sizes on it at all.</summary>
    public required bool CanMixSizes { get; init; }

    /// <summary>Scheduler of time-sliced vGPUs; null where the driver has none for it.</summary>
    public required SchedulerReport? Scheduler { get; init; }

    /// <summary>Profiles of GPU instances in the driver's order; empty without MIG.</summary>
    public required IReadOnlyList<ProfileReport> Profiles { get; init; }

    /// <summary>GPU instances, ascending placement.</summary>
    public required IReadOnlyList<InstanceReport> Instances { get; init; }

    /// <summary>Functions, ascending index.</summary>
    public required IReadOnlyList<FunctionReport> Functions { get; init; }

    /// <summary>vGPUs, running or only prepared, in the order of their functions.</summary>
    public required IReadOnlyList<VgpuReport> Vgpus { get; init; }

    /// <summary>vGPU types that the GPU knows, ascending number.</summary>
    public required IReadOnlyList<VgpuTypeReport> Types { get; init; }
}

/// <summary>MIG mode of a GPU.</summary>
/// <param name="Current">Whether it is on.</param>
/// <param name="Pending">Whether it will be on after the next reset.</param>
public sealed record MigReport(bool Current, bool Pending);
