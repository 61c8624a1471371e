namespace VgpuPS.Core.Gpu;

/// <summary>Licence of a running vGPU as the host sees it.</summary>
/// <param name="State">How it stands.</param>
/// <param name="Expiry">When it ends, in UTC; null where it does not, or where the driver does not report it.</param>
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

/// <summary>How the licence of a running vGPU stands.</summary>
/// <remarks>Source: facts/nvml.md 2, currentState of nvmlVgpuLicenseInfo_t; the numbers are NVML's.</remarks>
public enum VgpuLicenseState
{
    /// <summary>Unknown.</summary>
    Unknown = 0,

    /// <summary>The guest's driver has not asked yet.</summary>
    Uninitialized = 1,

    /// <summary>None, within the time in which the vGPU runs at full speed.</summary>
    UnlicensedUnrestricted = 2,

    /// <summary>None, and the vGPU is slowed down.</summary>
    UnlicensedRestricted = 3,

    /// <summary>None.</summary>
    Unlicensed = 4,

    /// <summary>Licensed.</summary>
    Licensed = 5,
}
