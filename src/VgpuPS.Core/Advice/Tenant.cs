using VgpuPS.Core.Rows;

namespace VgpuPS.Core.Advice;

/// <summary>Who shares GPUs: one kind of VM, and how many of it.</summary>
public sealed record Tenant
{
    /// <summary>Most VMs of one kind.</summary>
    public const int MaxCount = 1024;

    // Equal needs have the same list.
    private static readonly IReadOnlyList<int> s_noVms = RowList.Of<int>([]);

    /// <summary>Its name, unique among those of one request.</summary>
    public required string Name { get; init; }

    /// <summary>How many VMs of it there are, from 1 to <see cref="MaxCount"/>.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Least frame buffer of each, in MiB.</summary>
    public required long MemoryMiB { get; init; }

    /// <summary>Whether each must have the same performance whatever the others do.</summary>
    public bool Guarantee { get; init; }

    /// <summary>Whether each wants the whole GPU while the others idle, and expects no steady performance.</summary>
    public bool Burst { get; init; }

    /// <summary>Whether its kernels fill a GPU.</summary>
    public KernelSize Kernels { get; init; }

    /// <summary>Whether its programs need unified memory.</summary>
    public bool UnifiedMemory { get; init; }

    /// <summary>Whether its programs must see all SMs of a GPU.</summary>
    public bool AllMultiprocessors { get; init; }

    /// <summary>Whether its VMs must be able to migrate while they run.</summary>
    public bool LiveMigration { get; init; }

    /// <summary>Whether its programs encode video on the GPU.</summary>
    public bool Encoder { get; init; }

    /// <summary>Its VMs, as far as they are there, in the order in which they are served; at most
    /// <see cref="Count"/>.</summary>
    public IReadOnlyList<int> VmIds { get; init => field = RowList.Of(value); } = [];

    /// <summary>What decides which vGPU it may have: equal for tenants that are served alike.</summary>
    internal Tenant Needs => this with { Name = "", Count = 1, VmIds = s_noVms };

    /// <summary>Why no vGPU at all can be what it asks for; null where one may.</summary>
    /// <remarks>Source: facts/measuring.md F25.</remarks>
    public string? Contradiction => UnifiedMemory && LiveMigration
        ? "unified memory rules live migration out on every GPU; do without one of them" : null;
}

/// <summary>Whether kernels fill a GPU.</summary>
public enum KernelSize
{
    /// <summary>Not known.</summary>
    Unknown,

    /// <summary>They fill a part of a GPU.</summary>
    Small,

    /// <summary>They fill a GPU.</summary>
    Large,
}
