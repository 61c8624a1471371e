namespace VgpuPS.Core.Rows;

/// <summary>A GPU.</summary>
public sealed record GpuInfo : HostObject
{
    /// <summary>Position among the host's GPUs, from 0, ascending address.</summary>
    public required int GpuIndex { get; init; }

    /// <summary>Its UUID, <c>GPU-…</c>.</summary>
    public required string GpuUuid { get; init; }

    /// <summary>Its address, sysfs form.</summary>
    public required string GpuAddress { get; init; }

    /// <summary>Its model as the driver names it.</summary>
    public required string Model { get; init; }

    /// <summary>Memory in MiB.</summary>
    public required long MemoryMiB { get; init; }

    /// <summary>NUMA node; null when the host has none.</summary>
    public required int? NumaNode { get; init; }

    /// <summary>Whether MIG mode is on; null on a GPU without MIG.</summary>
    public required bool? MigCurrent { get; init; }

    /// <summary>Whether MIG mode will be on after the next reset; null on a GPU without MIG.</summary>
    public required bool? MigPending { get; init; }

    /// <summary>Virtual functions that it can have; 0 without SR-IOV.</summary>
    public required int TotalFunctions { get; init; }

    /// <summary>Virtual functions that it has.</summary>
    public required int EnabledFunctions { get; init; }

    /// <summary>Functions that have no vGPU and are bound to the GPU's driver.</summary>
    public required int FreeFunctions { get; init; }

    /// <summary><c>mdev</c>, <c>vendorVfio</c>, or <c>none</c> where no function reports it yet.</summary>
    public required string Backend { get; init; }

    /// <summary>Whether time-sliced vGPUs of several sizes may share it; null where it cannot do that.</summary>
    public required bool? MixedSizes { get; init; }

    /// <summary>Memory slices that GPU instances sit on; 0 with MIG mode off.</summary>
    public required int MemorySlices { get; init; }

    /// <summary>Memory slices without a GPU instance; 0 with MIG mode off.</summary>
    public required int FreeSlices { get; init; }

    /// <summary>
    /// What may still be made on it: with MIG mode on profiles of GPU instances with a free placement, else vGPU types.
    /// </summary>
    public required IReadOnlyList<string> Creatable { get; init; }

    /// <summary>GPU instances on it.</summary>
    public required int InstanceCount { get; init; }

    /// <summary>vGPUs on it, running or prepared.</summary>
    public required int VgpuCount { get; init; }

    /// <summary>VMs with a vGPU on it, ascending.</summary>
    public required IReadOnlyList<int> VmIds { get; init; }

    /// <summary>The GPU's UUID: what names it everywhere.</summary>
    public override string ToString() => GpuUuid;
}
