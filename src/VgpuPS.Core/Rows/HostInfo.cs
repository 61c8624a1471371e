namespace VgpuPS.Core.Rows;

/// <summary>A Proxmox host as a session sees it.</summary>
public sealed record HostInfo : HostObject
{
    /// <summary><c>local</c>, <c>ssh</c> or <c>lab</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Name of the node.</summary>
    public required string Node { get; init; }

    /// <summary>Release of the running kernel; null where it is unknown.</summary>
    public required string? Kernel { get; init; }

    /// <summary>Version of the GPU driver; null where it does not answer, and <see cref="Problem"/> says why.</summary>
    public required string? DriverVersion { get; init; }

    /// <summary>Version of Proxmox's qemu-server package; null where it is unknown.</summary>
    public required string? QemuServerVersion { get; init; }

    /// <summary>
    /// How vGPUs are handed out: <c>mdev</c>, <c>vendorVfio</c>, or <c>none</c> where no function reports it yet.
    /// </summary>
    public required string Backend { get; init; }

    /// <summary>Whether the kernel has an active IOMMU.</summary>
    public required bool IommuIsActive { get; init; }

    /// <summary>Models of its GPUs, ascending address.</summary>
    public required IReadOnlyList<string> Gpus { get; init => field = RowList.Of(value); }

    /// <summary>How many VMs are configured on it.</summary>
    public required int VmCount { get; init; }

    /// <summary>
    /// What became of the boot service: <c>done</c>, <c>failed</c>, <c>running</c>, <c>stopped</c>; null when it has
    /// not run since the boot.
    /// </summary>
    public string? BootStatus { get; init; }

    /// <summary>When that was.</summary>
    public DateTime? BootTime { get; init; }

    /// <summary>What the boot service could not do.</summary>
    public IReadOnlyList<string> BootProblems { get; init => field = RowList.Of(value); } = RowList.Of<string>([]);

    /// <summary>Who holds the host's lock; null where it is free.</summary>
    public LockHolderInfo? LockHolder { get; init; }

    /// <summary>Why the host cannot be asked; null where it can.</summary>
    public string? Problem { get; init; }

    /// <summary>The session's name.</summary>
    public override string ToString() => VgpuHost;
}
