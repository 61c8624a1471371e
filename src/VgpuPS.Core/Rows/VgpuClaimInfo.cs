namespace VgpuPS.Core.Rows;

/// <summary>A VM's claim to a vGPU, which the hook keeps from before the VM starts until it has stopped.</summary>
public sealed record VgpuClaimInfo : HostObject
{
    /// <summary>The VM.</summary>
    public required int VmId { get; init; }

    /// <summary>Its name; null without one, or where it is not configured any more.</summary>
    public required string? VmName { get; init; }

    /// <summary>Its entry, <c>hostpciN</c>.</summary>
    public required string Entry { get; init; }

    /// <summary>Number of the vGPU type.</summary>
    public required uint VgpuTypeId { get; init; }

    /// <summary>Name of the type; null where no GPU of the host knows it.</summary>
    public required string? VgpuType { get; init; }

    /// <summary><c>pending</c> until the VM runs, then <c>live</c>; <c>held</c> for a VM that is coming back.</summary>
    public required string State { get; init; }

    /// <summary>UUID of the GPU; null where it is not decided.</summary>
    public required string? GpuUuid { get; init; }

    /// <summary>Address of the GPU; null where it is not decided.</summary>
    public required string? GpuAddress { get; init; }

    /// <summary>Address of the function; null where Proxmox chooses it, or none is held.</summary>
    public required string? FunctionAddress { get; init; }

    /// <summary>The mediated device; null with vendor VFIO.</summary>
    public required string? MdevUuid { get; init; }

    /// <summary>The GPU instance that the vGPU is on; null for none, and before the driver reports it.</summary>
    public required uint? GpuInstanceId { get; init; }

    /// <summary>When the hook last did something for the VM, by its log; null where the log does not say.</summary>
    public required DateTime? Since { get; init; }

    /// <summary>What comes next, in words; null for a VM that runs.</summary>
    public required string? WaitsFor { get; init; }

    /// <summary>The VM and the entry.</summary>
    public override string ToString() => $"{VmId} {Entry}";
}

/// <summary>Who holds a host's lock, under which anything on its GPUs is changed.</summary>
/// <param name="ProcessId">The process that took it; null where it does not say.</param>
/// <param name="VmId">The VM that it works for; null for none.</param>
/// <param name="Work">What it does: <c>pre-start</c>, <c>sweep</c>, a command's name.</param>
/// <param name="Since">Since when, UTC; null where it does not say.</param>
public sealed record LockHolderInfo(int? ProcessId, int? VmId, string Work, DateTime? Since)
{
    /// <summary>In words: <c>VM 101 pre-start, process 4711, since 2026-01-05 08:00:03</c>.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(VmId is { } vm ? $"VM {vm} " : "")}{Work}{(ProcessId is { } id ? $", process {id}" : "")}"
            + $"{(Since is { } time ? $", since {time:yyyy-MM-dd HH:mm:ss}" : "")}");
}
