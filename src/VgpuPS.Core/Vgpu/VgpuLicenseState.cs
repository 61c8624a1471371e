namespace VgpuPS.Core.Vgpu;

/// <summary>How the licence of a running vGPU stands.</summary>
/// <remarks>Source: facts/nvml.md 2, currentState of nvmlVgpuLicenseInfo_t; the numbers are NVML's.</remarks>
public enum VgpuLicenseState
{
    /// <summary>Not told.</summary>
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
