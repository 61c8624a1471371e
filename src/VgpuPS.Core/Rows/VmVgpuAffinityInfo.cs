namespace VgpuPS.Core.Rows;

/// <summary>Where a VM with vGPUs runs, and where its GPUs are.</summary>
public sealed record VmVgpuAffinityInfo : HostObject
{
    /// <summary>The VM.</summary>
    public required int VmId { get; init; }

    /// <summary>Its name; null without one.</summary>
    public required string? VmName { get; init; }

    /// <summary>Addresses of the GPUs that its vGPUs are on, or may be on with a mapping.</summary>
    public required IReadOnlyList<string> GpuAddress { get; init => field = RowList.Of(value); }

    /// <summary>NUMA nodes of these GPUs; empty where firmware does not say.</summary>
    public required IReadOnlyList<int> GpuNode { get; init => field = RowList.Of(value); }

    /// <summary>CPUs of these nodes: <c>0-23,48-71</c>; empty where firmware does not say.</summary>
    public required string NearCpus { get; init; }

    /// <summary>How many CPUs the VM has.</summary>
    public required int VirtualCpus { get; init; }

    /// <summary>Memory of the VM in MiB.</summary>
    public required long MemoryMiB { get; init; }

    /// <summary>CPUs that it is pinned to at its next start, as they stand in its configuration; null for
    /// none.</summary>
    public required string? Affinity { get; init; }

    /// <summary>How its memory is kept near: None, Preferred or Bind.</summary>
    public required string Memory { get; init; }

    /// <summary>NUMA nodes that its memory is kept on; empty for none.</summary>
    public required IReadOnlyList<int> MemoryNode { get; init => field = RowList.Of(value); }

    /// <summary>Whether it runs.</summary>
    public required bool IsRunning { get; init; }

    /// <summary>CPUs that its threads may run on now; null for a stopped VM.</summary>
    public required string? RunningCpus { get; init; }

    /// <summary>Its memory in MiB by NUMA node, as it lies now: <c>0:16384</c>; empty for a stopped VM.</summary>
    public required IReadOnlyList<string> RunningMemory { get; init => field = RowList.Of(value); }

    /// <summary>
    /// <c>Near</c> on its GPUs' node, <c>Socket</c> on their socket, <c>Far</c> elsewhere, <c>Unpinned</c> anywhere,
    /// <c>Unknown</c> where firmware does not say a GPU's node.
    /// </summary>
    public required string Verdict { get; init; }

    /// <summary>Why, in a sentence; and what is wrong with the list.</summary>
    public required string Reason { get; init; }

    /// <summary>The VM and its CPUs.</summary>
    public override string ToString() => $"{VmId} {Affinity}";
}
