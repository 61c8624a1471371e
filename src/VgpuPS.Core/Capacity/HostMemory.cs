namespace VgpuPS.Core.Capacity;

/// <summary>Memory and CPUs of a host that VMs can still have.</summary>
/// <param name="AvailableMiB">Memory that is free or can be freed, without huge pages, in MiB.</param>
/// <param name="Cpus">Logical CPUs that are online.</param>
/// <remarks>
/// Source: facts/cluster.md E1; facts/numa.md C6, C9, C10: VFIO pins all of a VM's memory, Proxmox makes the huge pages
/// that are missing from free memory, and a VM cannot have more CPUs than its node.
/// </remarks>
public sealed record HostMemory(long AvailableMiB, int Cpus)
{
    /// <summary>Free huge pages by page size in MiB, in MiB.</summary>
    public IReadOnlyDictionary<int, long> FreePagesMiB { get; init; } = new Dictionary<int, long>();

    /// <summary>What a VM would lack; null where it can start.</summary>
    /// <param name="needs">What the VM needs.</param>
    public CapacityLimit? FindLimit(VmNeeds needs) => needs.Cpus > Cpus ? CapacityLimit.HostCpus
        : needs.MemoryMiB > AvailableMiB + FreePages(needs) ? CapacityLimit.HostMemory : null;

    /// <summary>What is left once a VM has started.</summary>
    /// <param name="needs">What the VM needs.</param>
    public HostMemory Without(VmNeeds needs)
    {
        var pages = Math.Min(FreePages(needs), needs.MemoryMiB);
        var left = this with { AvailableMiB = Math.Max(0, AvailableMiB - (needs.MemoryMiB - pages)) };
        return pages == 0 ? left : left with
        {
            FreePagesMiB = FreePagesMiB.ToDictionary(
                p => p.Key, p => p.Key == needs.PageMiB ? p.Value - pages : p.Value),
        };
    }

    /// <summary>How many VMs of one kind can start, and what the next would lack.</summary>
    /// <param name="needs">What each of them needs.</param>
    public TypeCapacity Count(VmNeeds needs) => needs.Cpus > Cpus ? new TypeCapacity(0, CapacityLimit.HostCpus)
        : needs.MemoryMiB <= 0 ? new TypeCapacity(int.MaxValue, CapacityLimit.HostMemory)
        : new TypeCapacity(
            (int)Math.Min(int.MaxValue, (AvailableMiB + FreePages(needs)) / needs.MemoryMiB),
            CapacityLimit.HostMemory);

    private long FreePages(VmNeeds needs) => needs.PageMiB is { } page ? FreePagesMiB.GetValueOrDefault(page) : 0;
}

/// <summary>What a VM needs of its host beside the GPU.</summary>
/// <param name="MemoryMiB">Its memory in MiB; 0 where that is not known.</param>
/// <param name="Cpus">Its CPUs.</param>
/// <param name="PageMiB">Size of the huge pages that it is configured for, in MiB; null for none.</param>
public readonly record struct VmNeeds(long MemoryMiB, int Cpus, int? PageMiB = null);
