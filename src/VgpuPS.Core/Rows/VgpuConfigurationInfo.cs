namespace VgpuPS.Core.Rows;

/// <summary>The hook's configuration on a host, with the defaults of what it leaves out.</summary>
public sealed record VgpuConfigurationInfo : HostObject
{
    /// <summary>Its file.</summary>
    public required string Path { get; init; }

    /// <summary>Whether there is one; without it all is as by default.</summary>
    public required bool Exists { get; init; }

    /// <summary><c>ensure</c> or <c>never</c>: whether missing functions are enabled.</summary>
    public required string Sriov { get; init; }

    /// <summary><c>never</c> or <c>whenIdle</c>: whether MIG mode is enabled for a VM that needs it.</summary>
    public required string MigMode { get; init; }

    /// <summary><c>full</c> or <c>guest</c>: who makes the compute instance.</summary>
    public required string ComputeInstance { get; init; }

    /// <summary><c>onStop</c> or <c>never</c>: when hook-managed instances are destroyed.</summary>
    public required string Reclaim { get; init; }

    /// <summary><c>refuse</c> or <c>warn</c>: what becomes of an entry that Proxmox would drop.</summary>
    public required string UnreadableEntry { get; init; }

    /// <summary>What the planner reserves capacity for: <c>2g.12gb=0.5</c>; none where it learns.</summary>
    public required IReadOnlyList<string> Demand { get; init => field = RowList.Of(value); }

    /// <summary>Seconds that the hook's own work may take.</summary>
    public required int TimeoutSeconds { get; init; }

    /// <summary>Seconds to wait for the host lock.</summary>
    public required int LockTimeoutSeconds { get; init; }

    /// <summary>Types of entries with driver=keep: <c>101 hostpci0 nvidia-690</c>.</summary>
    public required IReadOnlyList<string> KeepTypes { get; init => field = RowList.Of(value); }

    /// <summary>Other hookscripts: <c>101 /root/pin.sh after</c>.</summary>
    public required IReadOnlyList<string> Chain { get; init => field = RowList.Of(value); }

    /// <summary>Plugin parameters: <c>101 hostpci0 enable_uvm=1</c>.</summary>
    public required IReadOnlyList<string> VgpuParameters { get; init => field = RowList.Of(value); }

    /// <summary>Digest of the file, which changes with it; empty where there is none.</summary>
    public required string Digest { get; init; }

    /// <summary>The file's text; empty where there is none.</summary>
    public required string Text { get; init; }

    /// <summary>Its file.</summary>
    public override string ToString() => Path;
}

/// <summary>One thing that must be right with a configuration.</summary>
public sealed record VgpuConfigurationTestInfo : HostObject
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary><c>Readable</c>, <c>Trusted</c>, <c>Vms</c>, <c>Vgpus</c>, <c>Types</c> or <c>Chain</c>.</summary>
    public required string Check { get; init; }

    /// <summary>Whether it is right.</summary>
    public required bool Passed { get; init; }

    /// <summary>What was looked at, or what is wrong.</summary>
    public required string Detail { get; init; }

    /// <summary>Line of the fault, from 1; null where it has none.</summary>
    public long? Line { get; init; }

    /// <summary>Column of the fault, from 1, in bytes; null where it has none.</summary>
    public long? Column { get; init; }

    /// <summary>What to do; null where it is right.</summary>
    public required string? RecommendedAction { get; init; }
}
