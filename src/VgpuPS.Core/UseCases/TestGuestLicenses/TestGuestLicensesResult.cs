namespace VgpuPS.Core.UseCases.TestGuestLicenses;

/// <summary>The verdicts, ascending VM.</summary>
/// <param name="Checks">One for each running vGPU, and one for each VM that was named and has none.</param>
public sealed record TestGuestLicensesResult(IReadOnlyList<GuestLicenseCheck> Checks);
