namespace VgpuPS.Core.Licensing;

/// <summary>Which licence a guest asks for.</summary>
/// <remarks>Source: facts/host-behaviour.md 9, text of gridd.conf.template: 0, 1, 2, 4; others reserved.</remarks>
public enum LicenseFeature
{
    /// <summary>None.</summary>
    Unlicensed = 0,

    /// <summary>That of the vGPU's own type.</summary>
    Vgpu = 1,

    /// <summary>RTX Virtual Workstation.</summary>
    VirtualWorkstation = 2,

    /// <summary>Virtual Compute Server.</summary>
    VirtualComputeServer = 4,
}
