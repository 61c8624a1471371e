namespace VgpuPS.Core.UseCases.TestGuestLicenses;

/// <summary>Asks whether vGPUs have their licence, as the host sees it.</summary>
/// <param name="Vms">VMs, by number or name; empty for all that have a running vGPU.</param>
/// <param name="ExpiresWithinSeconds">A licence that ends within this time does not pass; 0 for one that has not ended.</param>
public sealed record TestGuestLicensesRequest(IReadOnlyList<string> Vms, long ExpiresWithinSeconds = 0);
