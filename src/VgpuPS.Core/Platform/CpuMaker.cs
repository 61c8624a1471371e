namespace VgpuPS.Core.Platform;

/// <summary>Maker of a host's processor, which decides how its IOMMU is switched on.</summary>
public enum CpuMaker
{
    /// <summary>Intel.</summary>
    Intel,

    /// <summary>AMD.</summary>
    Amd,

    /// <summary>Another one.</summary>
    Other,
}
