namespace VgpuPS.Core.Rows;

/// <summary>Whether a vGPU has its licence, for long enough.</summary>
public sealed record GridLicenseTestInfo : HostObject
{
    /// <summary>The VM.</summary>
    public required int VmId { get; init; }

    /// <summary>Its name; null without one.</summary>
    public required string? VmName { get; init; }

    /// <summary>Name of the vGPU's type; null where the VM runs none.</summary>
    public string? VgpuType { get; init; }

    /// <summary>Whether it is licensed for long enough.</summary>
    public required bool Passed { get; init; }

    /// <summary>State of the licence; null where unknown.</summary>
    public string? LicenseStatus { get; init; }

    /// <summary>When it ends; null where it does not or is unknown.</summary>
    public DateTimeOffset? LicenseExpiry { get; init; }

    /// <summary>Why it did not pass; null where it did.</summary>
    public required string? Message { get; init; }

    /// <summary>What to do about it; null where nothing.</summary>
    public required string? RecommendedAction { get; init; }
}
