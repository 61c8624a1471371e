namespace VgpuPS.Core.Vgpu;

/// <summary>Licence of a running vGPU as the host sees it.</summary>
/// <param name="State">How it stands.</param>
/// <param name="Expiry">When it ends, in UTC; null where it does not, or where the driver does not tell.</param>
/// <param name="IsPermanent">Whether the driver says that it never ends.</param>
/// <remarks>Source: nvml.h, nvmlVgpuLicenseInfo_t; facts/host-behaviour.md 9.</remarks>
public sealed record VgpuLicense(VgpuLicenseState State, DateTimeOffset? Expiry, bool IsPermanent)
{
    /// <summary>How it stands, in the words of nvidia-smi: <c>Licensed (Permanent)</c>.</summary>
    /// <remarks>Source: facts/host-behaviour.md 9.</remarks>
    public string Status => State switch
    {
        VgpuLicenseState.Licensed => IsPermanent ? "Licensed (Permanent)" : "Licensed",
        VgpuLicenseState.UnlicensedUnrestricted => "Unlicensed (Unrestricted)",
        VgpuLicenseState.UnlicensedRestricted => "Unlicensed (Restricted)",
        VgpuLicenseState.Unlicensed => "Unlicensed",
        VgpuLicenseState.Uninitialized => "Uninitialized",
        _ => "Unknown",
    };
}
