namespace VgpuPS.Core.Rows;

/// <summary>What a start of a VM would do now, or why it would fail.</summary>
public sealed record VmVgpuTestInfo : HostObject
{
    /// <summary>The VM.</summary>
    public required int VmId { get; init; }

    /// <summary>Its name; null without one.</summary>
    public required string? VmName { get; init; }

    /// <summary>Whether a start would get what the VM requests.</summary>
    public required bool Passed { get; init; }

    /// <summary>Whether its configuration requests a vGPU.</summary>
    public bool HasVgpu { get; init; }

    /// <summary>Whether our hook is on the VM, which does the steps.</summary>
    public bool HasHook { get; init; }

    /// <summary>What the hook would do, in order; none where everything is there.</summary>
    public IReadOnlyList<string> Steps { get; set => field = RowList.Of(value); } = RowList.Of<string>([]);

    /// <summary>
    /// False when the steps end where functions or MIG mode are enabled: the rest depends on what is there then.
    /// </summary>
    public bool IsComplete { get; init; }

    /// <summary>Which VMs that are configured for its GPUs cannot run beside each other; null where all can.</summary>
    public string? Overcommitment { get; init; }

    /// <summary>Id of the error that the start would end with; null where it would not.</summary>
    public string? ErrorId { get; init; }

    /// <summary>Why the start would fail; null where it would not.</summary>
    public string? Message { get; init; }

    /// <summary>What to do about it; null where it would not fail.</summary>
    public string? RecommendedAction { get; init; }
}
