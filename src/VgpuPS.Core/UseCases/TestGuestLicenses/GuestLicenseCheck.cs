namespace VgpuPS.Core.UseCases.TestGuestLicenses;

/// <summary>Whether a vGPU has its licence.</summary>
/// <param name="VmId">The VM.</param>
/// <param name="VmName">Its name; null without one.</param>
/// <param name="VgpuType">Name of the vGPU's type; null where the VM runs none.</param>
/// <param name="Status">State of the licence; null where it is not told.</param>
/// <param name="Expiry">When it ends; null where it does not or is not told.</param>
/// <param name="Passed">Whether it is licensed for long enough.</param>
/// <param name="Message">Why it is not; null where it is.</param>
/// <param name="RecommendedAction">What to do; null where nothing.</param>
public sealed record GuestLicenseCheck(
    int VmId, string? VmName, string? VgpuType, string? Status, DateTimeOffset? Expiry, bool Passed, string? Message,
    string? RecommendedAction);
