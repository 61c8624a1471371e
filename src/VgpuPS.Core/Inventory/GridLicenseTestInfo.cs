using VgpuPS.Core.UseCases.TestGuestLicenses;

namespace VgpuPS.Core.Inventory;

/// <summary>Whether a vGPU has its licence, for long enough.</summary>
public sealed record GridLicenseTestInfo : HostObject
{
    /// <summary>The VM.</summary>
    public required int VmId { get; init; }

    /// <summary>Its name; null without one.</summary>
    public required string? VmName { get; init; }

    /// <summary>Name of the vGPU's type; null where the VM runs none.</summary>
    public required string? VgpuType { get; init; }

    /// <summary>Whether it is licensed for long enough.</summary>
    public required bool Passed { get; init; }

    /// <summary>State of the licence; null where it is not told.</summary>
    public required string? LicenseStatus { get; init; }

    /// <summary>When it ends; null where it does not or is not told.</summary>
    public required DateTimeOffset? LicenseExpiry { get; init; }

    /// <summary>Why it did not pass; null where it did.</summary>
    public required string? Message { get; init; }

    /// <summary>What to do about it; null where nothing.</summary>
    public required string? RecommendedAction { get; init; }

    /// <summary>The verdict as an object of a host.</summary>
    public static GridLicenseTestInfo From(GuestLicenseCheck check, string session) => new()
    {
        VgpuHost = session,
        VmId = check.VmId,
        VmName = check.VmName,
        VgpuType = check.VgpuType,
        Passed = check.Passed,
        LicenseStatus = check.Status,
        LicenseExpiry = check.Expiry,
        Message = check.Message,
        RecommendedAction = check.RecommendedAction,
    };
}
