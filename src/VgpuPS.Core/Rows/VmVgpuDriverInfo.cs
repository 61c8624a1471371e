namespace VgpuPS.Core.Rows;

/// <summary>The driver of a guest beside the host's.</summary>
public sealed record VmVgpuDriverInfo : HostObject
{
    /// <summary>The VM.</summary>
    public required int VmId { get; init; }

    /// <summary>Its name; null without one.</summary>
    public required string? VmName { get; init; }

    /// <summary>Name of the vGPU's type; null where the VM runs none.</summary>
    public required string? VgpuType { get; init; }

    /// <summary>Version of the guest's driver; null where none answers.</summary>
    public required string? GuestDriver { get; init; }

    /// <summary>Version of the host's driver; null where it does not report it.</summary>
    public required string? HostDriver { get; init; }

    /// <summary>
    /// <c>SameBranch</c>, <c>OlderBranch</c>, <c>NewerBranch</c>, <c>Missing</c>, <c>Unknown</c>, or <c>NotRunning</c>
    /// for a VM whose vGPU does not run.
    /// </summary>
    public required string Verdict { get; init; }

    /// <summary>Whether it is known to fit.</summary>
    public required bool IsCompatible { get; init; }

    /// <summary>The verdict in words, with what it rests on.</summary>
    public required string Message { get; init; }

    /// <summary>The VM.</summary>
    public override string ToString() => $"{VmId}";
}
