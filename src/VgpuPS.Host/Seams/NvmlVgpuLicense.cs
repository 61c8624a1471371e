namespace VgpuPS.Host.Seams;

/// <summary>Licence of an active vGPU as the host sees it.</summary>
/// <param name="State">0 unknown, 1 uninitialised, 2 unlicensed unrestricted, 3 restricted, 4 unlicensed, 5 licensed.</param>
/// <param name="Expiry">Expiry in UTC, null when not applicable, permanent or not told.</param>
/// <param name="ExpiryStatus">0 not available, 1 invalid, 2 valid, 3 not applicable, 4 permanent.</param>
/// <remarks>Source: nvml.h, nvmlVgpuLicenseInfo_t; facts/nvml.md 2.</remarks>
public readonly record struct NvmlVgpuLicense(uint State, DateTimeOffset? Expiry, byte ExpiryStatus);
