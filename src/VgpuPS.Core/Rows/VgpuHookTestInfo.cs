namespace VgpuPS.Core.Rows;

/// <summary>One thing that must be right for a VM's hook to run.</summary>
public sealed record VgpuHookTestInfo : HostObject
{
    /// <summary>The VM; null for a check of the host.</summary>
    public required int? VmId { get; init; }

    /// <summary>Its name; null without one.</summary>
    public required string? VmName { get; init; }

    /// <summary>
    /// <c>Installed</c>, <c>Registered</c>, <c>File</c>, <c>Executable</c>, <c>Content</c>, <c>Storage</c>,
    /// <c>Chain</c> or <c>Unit</c>.
    /// </summary>
    public required string Check { get; init; }

    /// <summary>Whether it is right.</summary>
    public required bool Passed { get; init; }

    /// <summary>What was looked at, or what is wrong.</summary>
    public required string Detail { get; init; }

    /// <summary>What to do; null where it is right.</summary>
    public required string? RecommendedAction { get; init; }
}
