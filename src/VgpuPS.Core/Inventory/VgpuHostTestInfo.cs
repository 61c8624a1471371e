namespace VgpuPS.Core.Inventory;

/// <summary>What one check of the doctor found on a host.</summary>
public sealed record VgpuHostTestInfo : HostObject
{
    /// <summary>The check; it names the fault that it looks for, such as <c>IommuOff</c>.</summary>
    public required string Check { get; init; }

    /// <summary><c>Platform</c>, <c>Driver</c>, <c>Services</c>, <c>Sriov</c>, <c>Mig</c>, <c>Vgpu</c>, <c>Licensing</c>, <c>VmStart</c> or <c>Files</c>.</summary>
    public required string Area { get; init; }

    /// <summary>What was looked at.</summary>
    public required string Title { get; init; }

    /// <summary><c>Passed</c>, <c>Warning</c>, <c>Failed</c> or <c>Skipped</c>.</summary>
    public required string Verdict { get; init; }

    /// <summary>Whether nothing was found: it passed, or did not apply.</summary>
    public required bool Passed { get; init; }

    /// <summary>The line or value that was seen; for a skipped check why.</summary>
    public required string Evidence { get; init; }

    /// <summary>What brings it about; null where nothing is wrong.</summary>
    public required string? Cause { get; init; }

    /// <summary>What to do, with a command; null where nothing is wrong.</summary>
    public required string? RecommendedAction { get; init; }

    /// <summary>Whether Repair-VgpuHost does it.</summary>
    public required bool Repairable { get; init; }
}
